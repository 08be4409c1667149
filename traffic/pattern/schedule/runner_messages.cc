// SPDX-License-Identifier: BSD-3-Clause
// How a rank's sends and receives go: message after message, cut in chunks where NCCL cuts them, of which
// some are under way, and granted by the receiver where it is asked.
#include <algorithm>
#include <limits>

#include "traffic/pattern/schedule/runner.h"

namespace railyard::schedule {
namespace {

uint64_t bytes_of(const Schedule& schedule, const OperationRange& messages, uint32_t ordinal) {
  return schedule.operation_of(messages, ordinal).bytes;
}

}  // namespace

uint64_t RankRunner::chunks_of(const OperationRange& messages, uint32_t ordinal) const {
  return collective::p2p_chunks(bytes_of(schedule_, messages, ordinal), schedule_.send_chunk_bytes);
}

// Sends leave in program order, so one that is ready early waits for those before it on its channel.
void RankRunner::post_ready_sends(uint32_t channel_index, RunnerEnvironment& environment) {
  const Channel channel = schedule_.channel(channel_index);
  const OperationRange& messages = schedule_.ranges[channel.operations];
  Outbox& outbox = outboxes_[channel.src_slot];
  while (outbox.posted < messages.count) {
    const uint32_t ordinal = outbox.posted;
    if (waiting_.count(program_.task_at(program_.outgoing[channel.src_slot], ordinal)) == 0) return;
    const uint64_t bytes = bytes_of(schedule_, messages, ordinal), chunks = chunks_of(messages, ordinal);
    const uint64_t chunk = collective::p2p_chunk(bytes, schedule_.send_chunk_bytes);
    for (; outbox.chunks_posted < chunks; ++outbox.chunks_posted) {
      if (schedule_.send_chunk_bytes != 0 && outbox.in_flight >= collective::kNcclSteps) return;
      if (channel.granted) {
        if (outbox.granted == 0) return;
        --outbox.granted;
      }
      ++outbox.in_flight;
      // A message without bytes still tells its receiver that it was sent, as NCCL's does.
      const uint64_t of_chunk = std::max<uint64_t>(1, std::min(chunk, bytes - outbox.chunks_posted * chunk));
      environment.post_send(channel_index, {of_chunk, messages.first + ordinal, iteration_});
    }
    outbox.chunks_posted = 0;
    ++outbox.posted;
  }
}

void RankRunner::acknowledge_chunk(const Channel& channel, uint32_t index, SimTime now,
                                   RunnerEnvironment& environment) {
  Outbox& outbox = outboxes_[channel.src_slot];
  --outbox.in_flight;
  const uint32_t ordinal = outbox.acknowledged;
  if (++outbox.chunks_acknowledged == chunks_of(schedule_.ranges[channel.operations], ordinal)) {
    outbox.chunks_acknowledged = 0;
    ++outbox.acknowledged;
    end_waiting(program_.task_at(program_.outgoing[channel.src_slot], ordinal), now, environment);
  }
  post_ready_sends(index, environment);
}

void RankRunner::receive_chunk(const Channel& channel, SimTime now, RunnerEnvironment& environment) {
  Inbox& inbox = inboxes_[channel.dst_slot];
  const Program::Slot slot = program_.incoming[channel.dst_slot];
  const auto ordinal = static_cast<uint32_t>(inbox.received % slot.count);
  if (channel.granted) grant_chunk(channel.dst_slot, environment);
  if (++inbox.chunks < chunks_of(schedule_.ranges[channel.operations], ordinal)) return;
  inbox.chunks = 0;
  const uint64_t iteration = inbox.received++ / slot.count;
  const uint32_t task = program_.task_at(slot, ordinal);
  if (iteration == iteration_ && waiting_.count(task) != 0) end_waiting(task, now, environment);
}

// Each connection has its part of the rank's slots, and a slot is free again when its chunk is there: whether
// the rank has come to the receive or not, so that two ranks which both send first do not wait for each
// other.
void RankRunner::grant_first_chunks(RunnerEnvironment& environment) {
  uint32_t connections = 0;
  for (uint32_t slot = 0; slot < inboxes_.size(); ++slot)
    connections += schedule_.channel(schedule_.incoming[part_.first_incoming + slot]).granted ? 1 : 0;
  if (connections == 0) return;
  const uint32_t steps = std::clamp(schedule_.receiver_slots / connections, 1U, collective::kNcclSteps);
  for (uint32_t slot = 0; slot < inboxes_.size(); ++slot) {
    const Channel channel = schedule_.channel(schedule_.incoming[part_.first_incoming + slot]);
    if (!channel.granted) continue;
    const OperationRange& messages = schedule_.ranges[channel.operations];
    uint64_t chunks = 0;
    for (uint32_t ordinal = 0; ordinal < messages.count; ++ordinal) chunks += chunks_of(messages, ordinal);
    constexpr uint64_t kForEver = std::numeric_limits<uint64_t>::max();
    inboxes_[slot].to_grant = iterations_ == 0 ? kForEver : chunks * iterations_;
    for (uint32_t i = 0; i < steps; ++i) grant_chunk(slot, environment);
  }
}

void RankRunner::grant_chunk(uint32_t slot, RunnerEnvironment& environment) {
  if (inboxes_[slot].to_grant == 0) return;
  --inboxes_[slot].to_grant;
  const uint32_t channel = schedule_.incoming[part_.first_incoming + slot];
  const OperationRange& messages = schedule_.ranges[schedule_.channel(channel).operations];
  environment.post_send(channel + 1, {kGrantBytes, messages.first, iteration_});
}

}  // namespace railyard::schedule
