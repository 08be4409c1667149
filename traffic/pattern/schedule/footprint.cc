// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/schedule/footprint.h"

#include <algorithm>
#include <utility>

#include "traffic/pattern/schedule/run_log.h"
#include "traffic/pattern/schedule/runner.h"

namespace railyard::schedule {
namespace {

template <class T>
uint64_t bytes_of(const std::vector<T>& all) {
  return all.capacity() * sizeof(T);
}

uint64_t bytes_of(const Program& program) {
  return bytes_of(program.tasks) + bytes_of(program.dependents) + bytes_of(program.first_tasks) +
         bytes_of(program.counters) + bytes_of(program.memberships) + bytes_of(program.outgoing) +
         bytes_of(program.incoming) + bytes_of(program.in_order);
}

uint64_t bytes_of(const Lane& lane) {
  uint64_t bytes =
      bytes_of(lane.member_at) + bytes_of(lane.place_of) + bytes_of(lane.nic) + bytes_of(lane.uplinks);
  for (const auto* level : {&lane.tree.host, &lane.tree.network})
    bytes += bytes_of(level->parent) + bytes_of(level->first_child) + bytes_of(level->children);
  return bytes;
}

// Of what a rank receives.
class Received {
 public:
  Received(const PlayedJob& job, bool scale_up, RunCounts& counts)
      : job_(job), schedule_(*job.schedule), scale_up_(scale_up), counts_(counts) {}

  void add(uint32_t rank) {
    const RankPart& part = schedule_.ranks[rank];
    for (uint32_t s = 0; s < part.strand_count; ++s)
      add_strand(part, schedule_.strands[part.first_strand + s]);
    const std::vector<Program::Slot>& incoming = schedule_.program_of(rank).incoming;
    for (uint32_t slot = 0; slot < incoming.size(); ++slot) {
      const Channel channel = schedule_.channel(schedule_.incoming[part.first_incoming + slot]);
      const OperationRange& messages = schedule_.ranges[channel.operations];
      uint64_t chunks = 0;
      for (uint32_t i = 0; i < messages.count; ++i)
        chunks +=
            collective::p2p_chunks(schedule_.operation_of(messages, i).bytes, schedule_.send_chunk_bytes);
      add(chunks, 0, beside(channel.src_rank, rank) ? 1 : 0, messages.count);
    }
  }

 private:
  bool beside(uint32_t a, uint32_t b) const {
    return scale_up_ && job_.placement[a].host == job_.placement[b].host;
  }

  // Of `messages`, so long in the mean, those that come from the rank's host leave at most `entries`.
  void add(uint64_t messages, uint64_t length, double share, uint64_t entries) {
    if (messages > 0) counts_.shortest = counts_.messages == 0 ? length : std::min(counts_.shortest, length);
    const auto within = static_cast<uint64_t>(static_cast<double>(messages) * share);
    counts_.messages += (messages - within) * job_.iterations;
    counts_.carried += std::min(within, entries) * job_.iterations;
  }

  // Of an all-to-all's messages; 0 where that is not so easily said.
  uint64_t mean_length(const Operation& operation) const {
    if (operation.algorithm->strands != collective::kAsManyAsRounds || !operation.splits.empty()) return 0;
    const uint64_t block = operation.bytes / operation.group_size;
    return block / collective::p2p_chunks(block, schedule_.p2p_chunk_bytes);
  }

  // Messages are taken to come from all peers alike.
  void add_strand(const RankPart& part, const Strand& strand) {
    const Membership& membership = schedule_.memberships[part.first_membership + strand.membership];
    const Communicator& in = schedule_.communicators[membership.communicator];
    const OperationRange& range = schedule_.ranges[in.operations];
    const auto [channels, share] = within_host(strand, in.lanes[strand.lane].place_of[membership.me]);
    for (uint32_t i = 0; i < range.count; ++i) {
      const Operation& operation = schedule_.operation_of(range, i);
      const auto [first, lanes] = schedule_.lanes_of(in, operation);
      const bool carries = strand.lane >= first && strand.lane < first + lanes;
      if (!carries || strand.index >= Schedule::strands_of(in, operation)) continue;
      // A mesh's channels are shared by its strands; each of the others has its own.
      const uint32_t strands = strand.mesh == kNone ? 1 : Schedule::strands_of(in, operation);
      add(operation.algorithm->receive_count(
              schedule_.call_of(in, operation, membership.me, strand.lane, strand.index)),
          mean_length(operation), share, collective::divide_up(channels, strands));
    }
  }

  // The strand's channels from ranks beside it, and their share of all that it receives by.
  std::pair<uint64_t, double> within_host(const Strand& strand, uint32_t me) const {
    if (strand.mesh != kNone) {
      const PairNumbers& pairs = schedule_.meshes[strand.mesh].channels;
      const uint64_t peers = scale_up_ ? pairs.beside(me).size() - 1 : 0;
      return {peers * pairs.within(), static_cast<double>(peers) / (pairs.members() - 1)};
    }
    uint64_t channels = 0, links = 0;
    for (uint32_t l = 0; l < strand.receive_link_count; ++l) {
      const Link& link = schedule_.receive_links[strand.first_receive_link + l];
      const Channel by = schedule_.channel(link.channel);
      if (!beside(by.src_rank, by.dst_rank)) continue;
      channels += link.channel_count;
      ++links;
    }
    return {channels,
            strand.receive_link_count == 0 ? 0.0 : static_cast<double>(links) / strand.receive_link_count};
  }

  const PlayedJob& job_;
  const Schedule& schedule_;
  const bool scale_up_;
  RunCounts& counts_;
};

}  // namespace

uint64_t footprint_of(const Schedule& schedule) {
  uint64_t bytes = bytes_of(schedule.ranks) + bytes_of(schedule.reducers) + bytes_of(schedule.programs) +
                   bytes_of(schedule.operations) + bytes_of(schedule.ranges) +
                   bytes_of(schedule.communicators) + bytes_of(schedule.channels) +
                   bytes_of(schedule.outgoing) + bytes_of(schedule.incoming) +
                   bytes_of(schedule.memberships) + bytes_of(schedule.strands) +
                   bytes_of(schedule.send_links) + bytes_of(schedule.receive_links);
  constexpr uint64_t kOfMember = sizeof(Mesh::Member) + 6 * sizeof(uint64_t);  // with those of PairNumbers
  for (const Mesh& mesh : schedule.meshes) bytes += sizeof(Mesh) + mesh.members.size() * kOfMember;
  for (const Program& program : schedule.programs) bytes += bytes_of(program);
  for (const Operation& operation : schedule.operations) bytes += bytes_of(operation.splits);
  for (const Communicator& communicator : schedule.communicators) {
    bytes += bytes_of(communicator.lanes);
    for (const Lane& lane : communicator.lanes) bytes += bytes_of(lane);
  }
  return bytes;
}

RunCounts counts_of(const PlayedJob& job, const HostShape& hosts) {
  const Schedule& schedule = *job.schedule;
  RunCounts counts;
  counts.state_bytes =
      schedule.channels.size() * sizeof(ChannelLog) + schedule.ranks.size() * sizeof(RankLog);
  Received received(job, hosts.has_scale_up(), counts);
  for (uint32_t rank = 0; rank < schedule.ranks.size(); ++rank) {
    counts.state_bytes += RankRunner::footprint_of(schedule, rank);
    if (job.background) continue;
    received.add(rank);
    counts.spans += schedule.program_of(rank).in_order.size() * job.iterations;
  }
  return counts;
}

}  // namespace railyard::schedule
