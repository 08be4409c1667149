// SPDX-License-Identifier: BSD-3-Clause
// How a rank goes through the steps of collectives: what it grants, takes and posts on each strand.
#include <algorithm>

#include "traffic/pattern/schedule/runner.h"

namespace railyard::schedule {
namespace {

const Link& find_link(const std::vector<Link>& links, uint32_t first, uint32_t count, uint32_t peer) {
  const auto begin = links.begin() + first;
  return *std::lower_bound(begin, begin + count, peer, [](const Link& l, uint32_t p) { return l.peer < p; });
}

uint32_t first_channel(const Mesh& mesh, uint32_t source, uint32_t destination) {
  return static_cast<uint32_t>(mesh.first_channel + mesh.channels.first_of(source, destination));
}

Link link_of(const Mesh& mesh, uint32_t source, uint32_t destination, uint32_t peer) {
  Link link{peer, first_channel(mesh, source, destination), mesh.connection_size(source, destination)};
  if (mesh.has_grants(source, destination))
    link.grants = first_channel(mesh, destination, source) + link.channel_count;
  return link;
}

}  // namespace

// How a connection's channels count in Execution::in_flight: a message of any connection counts alike.
uint32_t RankRunner::weight_of(uint32_t connection_size) const {
  return schedule_.split_data ? schedule_.queue_pairs / connection_size : 1;
}

uint32_t RankRunner::strand_at(const Channel& channel, uint32_t end) const {
  const Execution& first = executions_[end];
  if (channel.src_place == kNone || first.algorithm == nullptr ||
      first.algorithm->strands != collective::kAsManyAsRounds)
    return end;
  const collective::P2pRanks ranks{first.call.size, collective::p2p_group(first.call.per_host)};
  const uint32_t round = channel.grants ? collective::p2p_round(ranks, channel.dst_place, channel.src_place)
                                        : collective::p2p_round(ranks, channel.src_place, channel.dst_place);
  return end + round % first.call.rounds;
}

Link RankRunner::link_to(uint32_t peer, const Execution& execution, const Strand& on) const {
  if (on.mesh != kNone) return link_of(schedule_.meshes[on.mesh], execution.call.me, peer, peer);
  return find_link(schedule_.send_links, on.first_send_link, on.send_link_count, peer);
}

Link RankRunner::link_from(uint32_t peer, const Execution& execution, const Strand& on) const {
  if (on.mesh != kNone) return link_of(schedule_.meshes[on.mesh], peer, execution.call.me, peer);
  return find_link(schedule_.receive_links, on.first_receive_link, on.receive_link_count, peer);
}

bool RankRunner::has_arrived(uint32_t slot, uint32_t channel) const {
  if (slot != kNone) return arrived_[slot] > 0;
  return arrived_in_meshes_.count(channel) != 0;
}

void RankRunner::take(uint32_t slot, uint32_t channel) {
  if (slot != kNone) {
    --arrived_[slot];
    return;
  }
  const auto arrived = arrived_in_meshes_.find(channel);
  if (--arrived->second == 0) arrived_in_meshes_.erase(arrived);
}

// Whether the next message of the connection is there in full; takes it then.
bool RankRunner::take_message(const Link& link) {
  const auto slot_of = [&](uint32_t i) { return link.slot == kNone ? kNone : link.slot + i; };
  if (schedule_.split_data) {
    for (uint32_t i = 0; i < link.channel_count; ++i)
      if (!has_arrived(slot_of(i), link.channel + i)) return false;
    for (uint32_t i = 0; i < link.channel_count; ++i) take(slot_of(i), link.channel + i);
    return true;
  }
  uint32_t only = 0;
  uint32_t& turn = link.channel_count == 1 ? only : turns_[link.channel];
  if (!has_arrived(slot_of(turn), link.channel + turn)) return false;
  take(slot_of(turn), link.channel + turn);
  turn = (turn + 1) % link.channel_count;
  return true;
}

// Whether the connection's next message may be posted; uses the grant up then.
bool RankRunner::take_grant(const Link& link) {
  if (link.grants == kNone) return true;
  if (!has_arrived(link.grant_slot, link.grants)) return false;
  take(link.grant_slot, link.grants);
  return true;
}

// In the order of the steps, as many as the strand's window has room for. A slot is free again as soon as
// what came in it was taken.
void RankRunner::grant_receives(uint32_t s, RunnerEnvironment& environment) {
  Execution& execution = executions_[s];
  if (!execution.active) return;
  const Strand& on = strand(s);
  const uint32_t operation = operation_of(task(running_[on.membership].task));
  for (; execution.granted < execution.step_count; ++execution.granted) {
    const collective::Message message = execution.algorithm->step(execution.call, execution.granted).receive;
    if (!message.exists()) continue;
    if (execution.open_grants >= execution.window) return;
    ++execution.open_grants;
    const Link link = link_from(message.peer, execution, on);
    if (link.grants != kNone)
      environment.post_send(link.grants, {kGrantBytes, operation, iteration_, message.left == 0});
  }
}

// Receives are taken in the order of the steps: what came for a later step is counted on its channel until
// then. They are reduced in the order in which they are taken.
void RankRunner::take_receives(uint32_t s, SimTime now, RunnerEnvironment& environment) {
  Execution& execution = executions_[s];
  const Strand& on = strand(s);
  for (; execution.taken < execution.step_count; ++execution.taken) {
    const collective::Step step = execution.algorithm->step(execution.call, execution.taken);
    const collective::Message message = step.receive;
    if (step.receive_needs != collective::kNoStep &&
        received_of(s, step.receive_needs_strand) <= step.receive_needs)
      return;
    if (message.exists()) {
      if (!take_message(link_from(message.peer, execution, on))) return;
      took_part_ = true;
      if (schedule_.reduction_rate.bps != 0 && !is_switch()) {
        ++execution.reducing;
        reducing_until_ =
            std::max(reducing_until_, now) + schedule_.reduction_rate.time_of(Bytes{message.bytes});
        wake_for(running_[on.membership].task, reducing_until_, now, environment, s);
      } else if (schedule_.groups_grant) {
        --execution.open_grants;
      }
    }
    if (execution.reducing == 0) execution.received = execution.taken + 1;
  }
}

void RankRunner::end_reduction(uint32_t s, SimTime now, RunnerEnvironment& environment) {
  Execution& execution = executions_[s];
  const auto next_has_message = [&] {
    return execution.algorithm->step(execution.call, execution.received).receive.exists();
  };
  while (!next_has_message()) ++execution.received;
  ++execution.received;
  --execution.reducing;
  while (execution.received < execution.taken && !next_has_message()) ++execution.received;
  if (schedule_.groups_grant) --execution.open_grants;
  go_on(s, now, environment);
}

void RankRunner::post_message(const Link& link, const collective::Message& message, uint64_t bytes,
                              uint32_t operation, RunnerEnvironment& environment) {
  if (schedule_.split_data) {
    for (uint32_t i = 0; i < link.channel_count; ++i)
      environment.post_send(link.channel + i,
                            {std::max<uint64_t>(1, collective::part_of(bytes, link.channel_count, i).bytes),
                             operation, iteration_, message.left == 0});
    return;
  }
  uint32_t only = 0;
  uint32_t& turn = link.channel_count == 1 ? only : turns_[link.channel];
  environment.post_send(link.channel + turn,
                        {bytes, operation, iteration_, message.left < link.channel_count});
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
    const Link link = link_to(step.send.peer, execution, on);
    if (!take_grant(link)) return;
    execution.in_flight += message;
    took_part_ = true;
    post_message(link, step.send, execution.call.options.on_the_wire(step.send.bytes), operation,
                 environment);
  }
}

void RankRunner::advance_strand(uint32_t s, SimTime now, RunnerEnvironment& environment) {
  if (!executions_[s].active) return;
  take_receives(s, now, environment);
  go_on(s, now, environment);
}

void RankRunner::go_on(uint32_t s, SimTime now, RunnerEnvironment& environment) {
  if (schedule_.groups_grant) grant_receives(s, environment);
  // What has come may be what another strand of the lane waits for; rounds do not wait for each other.
  const uint32_t strands = executions_[s].algorithm->strands, first = s - strand(s).index;
  if (strands == collective::kAsManyAsRounds) post_sends(s, environment);
  if (executions_[s].algorithm->receiver_strand != nullptr)
    return advance_all(first, first + strands, now, environment);
  for (uint32_t other = first; other < first + strands; ++other)
    if (executions_[other].active) post_sends(other, environment);
  end_if_complete(s, now, environment);
}

// Strands that wait for each other's steps, until none of them can go on.
void RankRunner::advance_all(uint32_t begin, uint32_t end, SimTime now, RunnerEnvironment& environment) {
  for (bool progress = true; progress;) {
    progress = false;
    for (uint32_t s = begin; s < end; ++s) {
      if (!executions_[s].active) continue;
      const uint64_t before = executions_[s].received;
      take_receives(s, now, environment);
      progress |= executions_[s].received != before;
    }
  }
  for (uint32_t s = begin; s < end; ++s) {
    if (!executions_[s].active) continue;
    if (schedule_.groups_grant) grant_receives(s, environment);
    post_sends(s, environment);
    end_if_complete(s, now, environment);
  }
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
