// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/schedule/runner.h"

#include <algorithm>

namespace railyard::schedule {
RankRunner::RankRunner(const Schedule& schedule, uint32_t rank, uint32_t iterations)
    : schedule_(schedule),
      part_(schedule.ranks[rank]),
      program_(schedule.program_of(rank)),
      rank_(rank),
      iterations_(iterations),
      running_(part_.membership_count),
      executions_(part_.strand_count),
      outboxes_(program_.outgoing.size()),
      inboxes_(program_.incoming.size()),
      arrived_(part_.incoming_of_groups) {}

uint64_t RankRunner::footprint_of(const Schedule& schedule, uint32_t rank) {
  constexpr uint64_t kReady = 600;  // of an empty std::deque [libstdc++: a chunk of 512 bytes and a map]
  const RankPart& part = schedule.ranks[rank];
  const Program& program = schedule.program_of(rank);
  return sizeof(RankRunner) + kReady + program.counters.size() * sizeof(uint32_t) +
         part.membership_count * sizeof(Running) + part.strand_count * sizeof(Execution) +
         program.outgoing.size() * sizeof(Outbox) + program.incoming.size() * sizeof(Inbox) +
         part.incoming_of_groups * sizeof(uint64_t);
}

void RankRunner::start(SimTime now, RunnerEnvironment& environment) {
  state_ = State::Running;
  if (schedule_.sends_grant) grant_first_chunks(environment);
  begin_iteration(now);
  run_ready(now, environment);
}

void RankRunner::on_time(SimTime now, RunnerEnvironment& environment) {
  const bool due = !timers_.empty() && timers_.top().at <= now;
  while (!timers_.empty() && timers_.top().at <= now) {
    const Timer timer = timers_.top();
    timers_.pop();
    if (timer.strand != kNone)
      end_reduction(timer.strand, now, environment);
    else if (task(timer.task).kind == TaskKind::Collective)
      launch_collective(timer.task, timer.start, now, environment);
    else
      end(timer.task, timer.start, now, environment);
  }
  if (due && !timers_.empty()) environment.wake_at(rank_, timers_.top().at);
  run_ready(now, environment);
}

void RankRunner::on_sent(uint32_t channel_index, SimTime now, RunnerEnvironment& environment) {
  const Channel channel = schedule_.channel(channel_index);
  if (channel.grants) return;
  if (channel.src_strand == kNone) {
    acknowledge_chunk(channel, channel_index, now, environment);
  } else {
    const uint32_t strand = strand_at(channel, channel.src_strand);
    executions_[strand].in_flight -= weight_of(channel.connection_size);
    post_sends(strand, environment);
    end_if_complete(strand, now, environment);
  }
  run_ready(now, environment);
}

void RankRunner::on_received(uint32_t channel_index, SimTime now, RunnerEnvironment& environment) {
  const Channel channel = schedule_.channel(channel_index);
  if (channel.dst_strand != kNone) {
    ++(channel.dst_slot == kNone ? arrived_in_meshes_[channel_index] : arrived_[channel.dst_slot]);
    advance_strand(strand_at(channel, channel.dst_strand), now, environment);
  } else if (channel.grants) {
    ++outboxes_[channel.dst_slot].granted;
    post_ready_sends(schedule_.outgoing[part_.first_outgoing + channel.dst_slot], environment);
  } else {
    receive_chunk(channel, now, environment);
  }
  run_ready(now, environment);
}

void RankRunner::begin_iteration(SimTime now) {
  iteration_start_ = now;
  ended_ = 0;
  took_part_ = false;
  for (Outbox& outbox : outboxes_) outbox.posted = outbox.acknowledged = 0;
  pending_ = program_.counters;
  ready_.insert(ready_.end(), program_.first_tasks.begin(), program_.first_tasks.end());
}

void RankRunner::finish_iteration(SimTime now, RunnerEnvironment& environment) {
  environment.iteration_ended(rank_, iteration_, iteration_start_, now);
  ++iteration_;
  // A rank that has nothing to wait for would go round for ever in one instant.
  const bool idle_for_ever = iterations_ == 0 && !took_part_;
  if (iteration_ == iterations_ || idle_for_ever) {
    state_ = State::Done;
  } else {
    begin_iteration(now);
  }
}

void RankRunner::run_ready(SimTime now, RunnerEnvironment& environment) {
  while (state_ == State::Running) {
    while (!ready_.empty()) {
      const uint32_t next = ready_.front();
      ready_.pop_front();
      begin(next, now, environment);
    }
    if (ended_ < program_.task_count()) return;
    finish_iteration(now, environment);
  }
}

void RankRunner::begin(uint32_t index, SimTime now, RunnerEnvironment& environment) {
  switch (task(index).kind) {
    case TaskKind::Compute:
      return begin_compute(index, now, environment);
    case TaskKind::Collective:
      return begin_collective(index, now, environment);
    case TaskKind::Send:
      took_part_ = true;
      waiting_.emplace(index, now);
      return post_ready_sends(schedule_.outgoing[part_.first_outgoing + task(index).slot], environment);
    case TaskKind::Receive:
      return begin_receive(index, now, environment);
  }
}

void RankRunner::end(uint32_t index, SimTime start, SimTime now, RunnerEnvironment& environment) {
  ++ended_;
  const Task& ended = task(index);
  if (ended.kind != TaskKind::Compute)
    environment.operation_ended(rank_, operation_of(ended), iteration_, start, now);
  const uint32_t end_of_dependents = task(index + 1).first_dependent;
  for (uint32_t i = ended.first_dependent; i < end_of_dependents; ++i) {
    const uint32_t dependent = program_.dependents[i];
    const uint32_t counter = task(dependent).counter;
    if (counter == kNone || --pending_[counter] == 0) ready_.push_back(dependent);
  }
}

uint32_t RankRunner::operation_of(const Task& task) const {
  switch (task.kind) {
    case TaskKind::Compute:
      return kNone;
    case TaskKind::Collective:
      return collectives_of(membership(task.slot)).first + task.ordinal;
    case TaskKind::Send:
      return messages_on(schedule_.outgoing[part_.first_outgoing + task.slot]).first + task.ordinal;
    case TaskKind::Receive:
      return messages_on(schedule_.incoming[part_.first_incoming + task.slot]).first + task.ordinal;
  }
  return kNone;
}

void RankRunner::end_waiting(uint32_t index, SimTime now, RunnerEnvironment& environment) {
  const auto entry = waiting_.find(index);
  const SimTime start = entry->second;
  waiting_.erase(entry);
  end(index, start, now, environment);
}

void RankRunner::begin_compute(uint32_t index, SimTime now, RunnerEnvironment& environment) {
  const SimTime duration = task(index).duration;
  if (duration == SimTime{}) return end(index, now, now, environment);
  took_part_ = true;
  wake_for(index, now + duration, now, environment);
}

void RankRunner::wake_for(uint32_t index, SimTime at, SimTime now, RunnerEnvironment& environment,
                          uint32_t strand) {
  const bool is_next = timers_.empty() || at < timers_.top().at;
  timers_.push({at, now, index, strand});
  if (is_next) environment.wake_at(rank_, at);
}

void RankRunner::begin_receive(uint32_t index, SimTime now, RunnerEnvironment& environment) {
  took_part_ = true;
  const uint32_t slot = task(index).slot;
  const uint64_t awaited = uint64_t{iteration_} * program_.incoming[slot].count + task(index).ordinal;
  if (awaited < inboxes_[slot].received) return end(index, now, now, environment);
  waiting_.emplace(index, now);
}

void RankRunner::begin_collective(uint32_t index, SimTime now, RunnerEnvironment& environment) {
  if (is_switch() || schedule_.launch_latency == SimTime{})
    return launch_collective(index, now, now, environment);
  took_part_ = true;
  wake_for(index, now + schedule_.launch_latency, now, environment);
}

void RankRunner::launch_collective(uint32_t index, SimTime start, SimTime now,
                                   RunnerEnvironment& environment) {
  const Membership& in = membership(task(index).slot);
  const Communicator& group = schedule_.communicators[in.communicator];
  const Operation& operation = schedule_.operation_of(collectives_of(in), task(index).ordinal);
  const auto [first_lane, lanes] = schedule_.lanes_of(group, operation);
  Running& running = running_[task(index).slot];
  running = {index, start, 0};
  uint32_t begin = kNone, end = 0;  // a lane's strands follow each other, as the lanes do
  for (uint32_t s = in.first_strand; s < in.first_strand + in.strand_count; ++s) {
    const Strand& on = strand(s);
    if (on.lane < first_lane || on.lane >= first_lane + lanes ||
        on.index >= Schedule::strands_of(group, operation))
      continue;
    Execution& execution = executions_[s];
    execution = Execution{};
    execution.active = true;
    execution.call = schedule_.call_of(group, operation, in.me, on.lane, on.index);
    execution.algorithm = operation.algorithm;
    execution.step_count = operation.algorithm->step_count(execution.call);
    execution.window = operation.algorithm->window(execution.call);
    ++running.strands;
    begin = std::min(begin, s), end = s + 1;
  }
  if (schedule_.groups_grant)
    for (uint32_t s = begin; s < end; ++s) grant_receives(s, environment);
  for (uint32_t s = begin; s < end; ++s) advance_strand(s, now, environment);
}

}  // namespace railyard::schedule
