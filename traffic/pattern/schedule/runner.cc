// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/schedule/runner.h"

#include <algorithm>

namespace railyard::schedule {
namespace {

uint32_t channel_to(const std::vector<Link>& links, uint32_t first, uint32_t count, uint32_t peer) {
  const auto begin = links.begin() + first;
  return std::lower_bound(begin, begin + count, peer, [](const Link& l, uint32_t p) { return l.peer < p; })
      ->channel;
}

}  // namespace

RankRunner::RankRunner(const Schedule& schedule, uint32_t rank, uint32_t iterations)
    : schedule_(schedule),
      part_(schedule.ranks[rank]),
      rank_(rank),
      iterations_(iterations),
      pending_(part_.task_count),
      executions_(part_.membership_count),
      posted_(part_.outgoing_count),
      arrived_(part_.incoming_count) {}

void RankRunner::start(SimTime now, RunnerEnvironment& environment) {
  state_ = State::Running;
  begin_iteration(now);
  run_ready(now, environment);
}

void RankRunner::on_time(SimTime now, RunnerEnvironment& environment) {
  const bool due = !timers_.empty() && timers_.top().at <= now;
  while (!timers_.empty() && timers_.top().at <= now) {
    const Timer timer = timers_.top();
    timers_.pop();
    end(timer.task, timer.start, now, environment);
  }
  if (due && !timers_.empty()) environment.wake_at(rank_, timers_.top().at);
  run_ready(now, environment);
}

void RankRunner::on_sent(uint32_t channel_index, SimTime now, RunnerEnvironment& environment) {
  const Channel& channel = schedule_.channels[channel_index];
  if (channel.src_membership == kNone) {
    Posted& posted = posted_[channel.src_slot];
    end_waiting(schedule_.messages[channel.first_message + posted.acknowledged++].send_task, now,
                environment);
  } else {
    Execution& execution = executions_[channel.src_membership];
    --execution.in_flight;
    post_sends(execution, membership(channel.src_membership), environment);
    end_if_complete(execution, now, environment);
  }
  run_ready(now, environment);
}

void RankRunner::on_received(uint32_t channel_index, SimTime now, RunnerEnvironment& environment) {
  const Channel& channel = schedule_.channels[channel_index];
  const uint64_t index = arrived_[channel.dst_slot]++;
  if (channel.dst_membership != kNone) {
    advance_collective(channel.dst_membership, now, environment);
  } else if (index / channel.message_count == iteration_) {
    const uint32_t task =
        schedule_.messages[channel.first_message + index % channel.message_count].receive_task;
    if (waiting_.count(task) != 0) end_waiting(task, now, environment);
  }
  run_ready(now, environment);
}

void RankRunner::begin_iteration(SimTime now) {
  iteration_start_ = now;
  ended_ = 0;
  took_part_ = false;
  std::fill(posted_.begin(), posted_.end(), Posted{});
  for (uint32_t i = 0; i < part_.task_count; ++i) {
    pending_[i] = task(i).dependency_count;
    if (pending_[i] == 0) ready_.push_back(i);
  }
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
    if (ended_ < part_.task_count) return;
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
      return post_ready_sends(task(index).channel, environment);
    case TaskKind::Receive:
      return begin_receive(index, now, environment);
  }
}

void RankRunner::end(uint32_t index, SimTime start, SimTime now, RunnerEnvironment& environment) {
  ++ended_;
  const Task& ended = task(index);
  if (ended.operation != kNone) {
    environment.operation_ended(rank_, ended.operation, iteration_, start, now);
  }
  const uint32_t end_of_dependents = task(index + 1).first_dependent;
  for (uint32_t i = ended.first_dependent; i < end_of_dependents; ++i) {
    const uint32_t dependent = schedule_.dependents[i];
    if (--pending_[dependent] == 0) ready_.push_back(dependent);
  }
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
  const SimTime at = now + duration;
  const bool is_next = timers_.empty() || at < timers_.top().at;
  timers_.push({at, now, index});
  if (is_next) environment.wake_at(rank_, at);
}

void RankRunner::begin_receive(uint32_t index, SimTime now, RunnerEnvironment& environment) {
  took_part_ = true;
  const Channel& channel = schedule_.channels[task(index).channel];
  const uint64_t awaited = uint64_t{iteration_} * channel.message_count + task(index).ordinal;
  if (awaited < arrived_[channel.dst_slot]) return end(index, now, now, environment);
  waiting_.emplace(index, now);
}

// Sends leave in program order, so one that is ready early waits for those before it on its channel.
void RankRunner::post_ready_sends(uint32_t channel_index, RunnerEnvironment& environment) {
  const Channel& channel = schedule_.channels[channel_index];
  Posted& posted = posted_[channel.src_slot];
  while (posted.posted < channel.message_count) {
    const uint32_t next = schedule_.messages[channel.first_message + posted.posted].send_task;
    if (waiting_.count(next) == 0) return;
    ++posted.posted;
    const uint32_t operation = task(next).operation;
    // A message without bytes still tells its receiver that it was sent, as NCCL's does.
    const uint64_t bytes = std::max<uint64_t>(1, schedule_.operations[operation].bytes);
    environment.post_send(channel_index, bytes, operation, iteration_);
  }
}

void RankRunner::begin_collective(uint32_t index, SimTime now, RunnerEnvironment& environment) {
  const Operation& operation = schedule_.operations[task(index).operation];
  const uint32_t slot = task(index).membership;
  Execution& execution = executions_[slot];
  execution = Execution{};
  execution.task = index;
  execution.start = now;
  execution.call = schedule_.call_of(operation, membership(slot).me);
  execution.algorithm = operation.algorithm;
  execution.step_count = operation.algorithm->step_count(execution.call);
  execution.window = operation.algorithm->window(execution.call);
  advance_collective(slot, now, environment);
}

// Receives are taken in the order of the steps: what came for a later step is counted on its channel until
// then.
void RankRunner::take_receives(Execution& execution, const Membership& m) {
  for (; execution.received < execution.step_count; ++execution.received) {
    const collective::Message message = execution.algorithm->step(execution.call, execution.received).receive;
    if (!message.exists()) continue;
    const uint32_t channel =
        channel_to(schedule_.receive_links, m.first_receive_link, m.receive_link_count, message.peer);
    uint64_t& arrived = arrived_[schedule_.channels[channel].dst_slot];
    if (arrived == 0) return;
    --arrived;
    took_part_ = true;
  }
}

void RankRunner::post_sends(Execution& execution, const Membership& m, RunnerEnvironment& environment) {
  for (; execution.sent < execution.step_count; ++execution.sent) {
    const collective::Step step = execution.algorithm->step(execution.call, execution.sent);
    if (!step.send.exists()) continue;
    if (execution.in_flight >= execution.window) return;
    if (step.send_needs != collective::kNoStep && execution.received <= step.send_needs) return;
    ++execution.in_flight;
    took_part_ = true;
    const uint32_t channel =
        channel_to(schedule_.send_links, m.first_send_link, m.send_link_count, step.send.peer);
    environment.post_send(channel, step.send.bytes, task(execution.task).operation, iteration_);
  }
}

void RankRunner::advance_collective(uint32_t slot, SimTime now, RunnerEnvironment& environment) {
  Execution& execution = executions_[slot];
  if (execution.task == kNone) return;
  take_receives(execution, membership(slot));
  post_sends(execution, membership(slot), environment);
  end_if_complete(execution, now, environment);
}

void RankRunner::end_if_complete(Execution& execution, SimTime now, RunnerEnvironment& environment) {
  const uint64_t steps = execution.step_count;
  if (execution.received < steps || execution.sent < steps || execution.in_flight > 0) return;
  const uint32_t ended = execution.task;
  execution.task = kNone;
  end(ended, execution.start, now, environment);
}

}  // namespace railyard::schedule
