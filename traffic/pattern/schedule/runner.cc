// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/schedule/runner.h"

#include <algorithm>

namespace railyard::schedule {
namespace {

const Link& find_link(const std::vector<Link>& links, uint32_t first, uint32_t count, uint32_t peer) {
  const auto begin = links.begin() + first;
  return *std::lower_bound(begin, begin + count, peer, [](const Link& l, uint32_t p) { return l.peer < p; });
}

Link link_of(const Mesh& mesh, uint32_t source, uint32_t destination, uint32_t peer) {
  const auto first = static_cast<uint32_t>(mesh.first_channel + mesh.channels.first_of(source, destination));
  return {peer, first, mesh.channels.size_of(source, destination), kNone};
}

}  // namespace

RankRunner::RankRunner(const Schedule& schedule, uint32_t rank, uint32_t iterations)
    : schedule_(schedule),
      part_(schedule.ranks[rank]),
      program_(schedule.program_of(rank)),
      rank_(rank),
      iterations_(iterations),
      running_(part_.membership_count),
      executions_(part_.strand_count),
      posted_(program_.outgoing.size()),
      received_(program_.incoming.size()),
      arrived_(part_.incoming_of_groups) {}

uint64_t RankRunner::footprint_of(const Schedule& schedule, uint32_t rank) {
  constexpr uint64_t kReady = 600;  // of an empty std::deque [libstdc++: a chunk of 512 bytes and a map]
  const RankPart& part = schedule.ranks[rank];
  const Program& program = schedule.program_of(rank);
  return sizeof(RankRunner) + kReady + program.counters.size() * sizeof(uint32_t) +
         part.membership_count * sizeof(Running) + part.strand_count * sizeof(Execution) +
         program.outgoing.size() * sizeof(Posted) +
         (program.incoming.size() + part.incoming_of_groups) * sizeof(uint64_t);
}

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
    if (task(timer.task).kind == TaskKind::Collective)
      launch_collective(timer.task, timer.start, now, environment);
    else
      end(timer.task, timer.start, now, environment);
  }
  if (due && !timers_.empty()) environment.wake_at(rank_, timers_.top().at);
  run_ready(now, environment);
}

void RankRunner::on_sent(uint32_t channel_index, SimTime now, RunnerEnvironment& environment) {
  const Channel channel = schedule_.channel(channel_index);
  if (channel.src_strand == kNone) {
    Posted& posted = posted_[channel.src_slot];
    end_waiting(program_.task_at(program_.outgoing[channel.src_slot], posted.acknowledged++), now,
                environment);
  } else {
    executions_[channel.src_strand].in_flight -= weight_of(channel.connection_size);
    post_sends(channel.src_strand, environment);
    end_if_complete(channel.src_strand, now, environment);
  }
  run_ready(now, environment);
}

void RankRunner::on_received(uint32_t channel_index, SimTime now, RunnerEnvironment& environment) {
  const Channel channel = schedule_.channel(channel_index);
  if (channel.dst_strand != kNone) {
    ++(channel.dst_slot == kNone ? arrived_in_meshes_[channel_index] : arrived_[channel.dst_slot]);
    advance_strand(channel.dst_strand, now, environment);
  } else {
    const Program::Slot slot = program_.incoming[channel.dst_slot];
    const uint64_t index = received_[channel.dst_slot]++;
    const uint32_t task = program_.task_at(slot, static_cast<uint32_t>(index % slot.count));
    if (index / slot.count == iteration_ && waiting_.count(task) != 0) end_waiting(task, now, environment);
  }
  run_ready(now, environment);
}

void RankRunner::begin_iteration(SimTime now) {
  iteration_start_ = now;
  ended_ = 0;
  took_part_ = false;
  std::fill(posted_.begin(), posted_.end(), Posted{});
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

void RankRunner::wake_for(uint32_t index, SimTime at, SimTime now, RunnerEnvironment& environment) {
  const bool is_next = timers_.empty() || at < timers_.top().at;
  timers_.push({at, now, index});
  if (is_next) environment.wake_at(rank_, at);
}

void RankRunner::begin_receive(uint32_t index, SimTime now, RunnerEnvironment& environment) {
  took_part_ = true;
  const uint32_t slot = task(index).slot;
  const uint64_t awaited = uint64_t{iteration_} * program_.incoming[slot].count + task(index).ordinal;
  if (awaited < received_[slot]) return end(index, now, now, environment);
  waiting_.emplace(index, now);
}

// Sends leave in program order, so one that is ready early waits for those before it on its channel.
void RankRunner::post_ready_sends(uint32_t channel_index, RunnerEnvironment& environment) {
  const Channel channel = schedule_.channel(channel_index);
  const OperationRange& messages = schedule_.ranges[channel.operations];
  Posted& posted = posted_[channel.src_slot];
  while (posted.posted < messages.count) {
    const uint32_t ordinal = posted.posted;
    if (waiting_.count(program_.task_at(program_.outgoing[channel.src_slot], ordinal)) == 0) return;
    ++posted.posted;
    // A message without bytes still tells its receiver that it was sent, as NCCL's does.
    const uint64_t bytes = std::max<uint64_t>(1, schedule_.operation_of(messages, ordinal).bytes);
    environment.post_send(channel_index, bytes, messages.first + ordinal, iteration_);
  }
}

void RankRunner::begin_collective(uint32_t index, SimTime now, RunnerEnvironment& environment) {
  if (schedule_.launch_latency == SimTime{}) return launch_collective(index, now, now, environment);
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
    if (on.lane < first_lane || on.lane >= first_lane + lanes || on.index >= operation.algorithm->strands)
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
  for (uint32_t s = begin; s < end; ++s) advance_strand(s, now, environment);
}

// How a connection's channels count in Execution::in_flight: a message of any connection counts alike.
uint32_t RankRunner::weight_of(uint32_t connection_size) const {
  return schedule_.split_data ? schedule_.queue_pairs / connection_size : 1;
}

Link RankRunner::link_to(uint32_t peer, const Execution& execution, const Strand& on) const {
  if (on.mesh != kNone) return link_of(schedule_.meshes[on.mesh], execution.call.me, peer, peer);
  return find_link(schedule_.send_links, on.first_send_link, on.send_link_count, peer);
}

Link RankRunner::link_from(uint32_t peer, const Execution& execution, const Strand& on) const {
  if (on.mesh != kNone) return link_of(schedule_.meshes[on.mesh], peer, execution.call.me, peer);
  return find_link(schedule_.receive_links, on.first_receive_link, on.receive_link_count, peer);
}

bool RankRunner::has_arrived(const Link& link, uint32_t channel) const {
  if (link.slot != kNone) return arrived_[link.slot + channel] > 0;
  return arrived_in_meshes_.count(link.channel + channel) != 0;
}

void RankRunner::take(const Link& link, uint32_t channel) {
  if (link.slot != kNone) {
    --arrived_[link.slot + channel];
    return;
  }
  const auto arrived = arrived_in_meshes_.find(link.channel + channel);
  if (--arrived->second == 0) arrived_in_meshes_.erase(arrived);
}

// Whether the next message of the connection is there in full; takes it then.
bool RankRunner::take_message(const Link& link) {
  if (schedule_.split_data) {
    for (uint32_t i = 0; i < link.channel_count; ++i)
      if (!has_arrived(link, i)) return false;
    for (uint32_t i = 0; i < link.channel_count; ++i) take(link, i);
    return true;
  }
  uint32_t only = 0;
  uint32_t& turn = link.channel_count == 1 ? only : turns_[link.channel];
  if (!has_arrived(link, turn)) return false;
  take(link, turn);
  turn = (turn + 1) % link.channel_count;
  return true;
}

// Receives are taken in the order of the steps: what came for a later step is counted on its channel until
// then.
void RankRunner::take_receives(Execution& execution, const Strand& on) {
  for (; execution.received < execution.step_count; ++execution.received) {
    const collective::Message message = execution.algorithm->step(execution.call, execution.received).receive;
    if (!message.exists()) continue;
    if (!take_message(link_from(message.peer, execution, on))) return;
    took_part_ = true;
  }
}

void RankRunner::post_message(const Link& link, uint64_t bytes, uint32_t operation,
                              RunnerEnvironment& environment) {
  if (schedule_.split_data) {
    for (uint32_t i = 0; i < link.channel_count; ++i)
      environment.post_send(link.channel + i,
                            std::max<uint64_t>(1, collective::part_of(bytes, link.channel_count, i).bytes),
                            operation, iteration_);
    return;
  }
  uint32_t only = 0;
  uint32_t& turn = link.channel_count == 1 ? only : turns_[link.channel];
  environment.post_send(link.channel + turn, bytes, operation, iteration_);
  turn = (turn + 1) % link.channel_count;
}

void RankRunner::post_sends(uint32_t s, RunnerEnvironment& environment) {
  Execution& execution = executions_[s];
  const Strand& on = strand(s);
  const uint32_t message = schedule_.split_data ? schedule_.queue_pairs : 1;
  const uint32_t operation = operation_of(task(running_[on.membership].task));
  for (; execution.sent < execution.step_count; ++execution.sent) {
    const collective::Step step = execution.algorithm->step(execution.call, execution.sent);
    if (!step.send.exists()) continue;
    if (execution.in_flight / message >= execution.window) return;
    if (step.send_needs != collective::kNoStep && received_of(s, step.needed_strand) <= step.send_needs)
      return;
    execution.in_flight += message;
    took_part_ = true;
    const Link link = link_to(step.send.peer, execution, on);
    post_message(link, execution.call.options.on_the_wire(step.send.bytes), operation, environment);
  }
}

void RankRunner::advance_strand(uint32_t s, SimTime now, RunnerEnvironment& environment) {
  if (!executions_[s].active) return;
  take_receives(executions_[s], strand(s));
  // What has come may be what another strand of the lane waits for.
  const uint32_t strands = executions_[s].algorithm->strands, first = s - strand(s).index;
  for (uint32_t other = first; other < first + strands; ++other)
    if (executions_[other].active) post_sends(other, environment);
  end_if_complete(s, now, environment);
}

uint64_t RankRunner::received_of(uint32_t s, uint32_t strand_of_lane) const {
  if (strand_of_lane == collective::kOwnStrand) return executions_[s].received;
  return executions_[s - strand(s).index + strand_of_lane].received;
}

void RankRunner::end_if_complete(uint32_t s, SimTime now, RunnerEnvironment& environment) {
  Execution& execution = executions_[s];
  const uint64_t steps = execution.step_count;
  if (execution.received < steps || execution.sent < steps || execution.in_flight > 0) return;
  execution.active = false;
  Running& running = running_[strand(s).membership];
  if (--running.strands > 0) return;
  const uint32_t ended = running.task;
  running.task = kNone;
  end(ended, running.start, now, environment);
}

}  // namespace railyard::schedule
