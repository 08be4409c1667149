// SPDX-License-Identifier: BSD-3-Clause
// The compiled form of a trace: per rank a graph of tasks, and the channels over which their messages go. It
// is made by compile() and never changes afterwards, so that threads may share it. Flat arrays throughout;
// collectives are not expanded (traffic/pattern/collective does that while they run). What ranks or groups
// have alike is held once: a step on 16,384 ranks has some dozen programs.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "traffic/pattern/collective/algorithm.h"
#include "traffic/pattern/collective/custom.h"
#include "traffic/pattern/collective/p2p_schedule.h"
#include "traffic/pattern/schedule/lanes.h"
#include "traffic/pattern/schedule/pair_numbers.h"
#include "traffic/units/quantity.h"

namespace railyard::schedule {

constexpr uint32_t kNone = std::numeric_limits<uint32_t>::max();

// What is measured under one name: a collective of all its members, or a send with its receive. Compute has
// no entry.
struct Operation {
  std::string name;
  std::string kind;    // "send", or as collective::name_of()
  uint64_t bytes = 0;  // as nccl-tests counts; all-to-all with uneven splits: of the member that sends most
  uint32_t group_size = 0;  // ranks that take part; 2 for a send
  // Collectives only:
  const collective::Algorithm* algorithm = nullptr;
  collective::Protocol protocol = collective::Protocol::Simple;
  uint32_t root = 0;
  uint32_t most_rings = kNone;   // that carry it, where it goes by rings
  std::vector<uint64_t> splits;  // as collective::Call::splits; empty where they are even
  uint64_t largest_split = 0;
};

// The operations of a group, or of a point-to-point channel, in their order. The number of one, `first` and
// on, is the `operation` of record::Span and record::Message; what it is, is held once for all who do the
// same.
struct OperationRange {
  uint32_t first = 0, count = 0;
  uint32_t first_entry = 0;  // in Schedule::operations
};

// A space in which messages are matched: a process group, or the sends and receives of one tag.
struct Communicator {
  std::string name;
  bool point_to_point = false;
  // Groups only: the rings, that of the pairs, others, the trees.
  std::vector<Lane> lanes;
  bool has_host_lane = false, has_custom_lane = false;  // behind that of the pairs, in this order
  uint32_t rings = 0;
  uint32_t first_tree = 0, trees = 0;
  uint32_t hosts = 0;       // that its ranks are on, as far as that is known
  uint32_t operations = 0;  // groups only: in Schedule::ranges
  collective::P2pLimits p2p;
};

// One direction between two ranks within a communicator; a player makes a queue pair of it, or a copy within
// the host. Messages are issued in program order and arrive in that order: the n-th message sent is the n-th
// awaited, and no message carries an id. Where a connection's messages wait for their receiver, one more
// channel follows its own and goes the other way: each message on it grants one.
struct Channel {
  uint32_t src_rank = 0, dst_rank = 0;
  uint32_t communicator = 0;
  // Point to point: among the rank's outgoing, and its incoming, ones, as in Program. Groups: dst_slot alone,
  // among the rank's incoming channels of groups that are held; kNone in a mesh.
  uint32_t src_slot = 0, dst_slot = 0;
  uint32_t src_strand = kNone, dst_strand = kNone;  // among the rank's strands; groups only
  uint32_t operations = kNone;  // its messages, an iteration: in Schedule::ranges; point to point only
  uint32_t src_nic = kNone, dst_nic = kNone;      // between hosts, where the ranks are placed
  uint32_t connection_size = 1;                   // channels of the connection that it is one of
  uint32_t src_place = kNone, dst_place = kNone;  // in a mesh
  bool grants = false;                            // carries no data
  bool granted = false;                           // point to point: its messages are, by the channel after it
};

enum class TaskKind : uint8_t { Compute, Collective, Send, Receive };

// What one rank does: its part in an operation, or local work.
struct Task {
  TaskKind kind = TaskKind::Compute;
  uint32_t counter = kNone;      // among the program's, where it depends on several tasks
  uint32_t first_dependent = 0;  // in Program::dependents, up to the next task's
  uint32_t slot = 0;             // among the rank's memberships, outgoing or incoming channels
  uint32_t ordinal = 0;          // which one of its collectives or messages, an iteration
  SimTime duration;              // Compute
};

// The tasks of ranks that do the same: those in the same place of a pipeline, say.
struct Program {
  struct Slot {
    uint32_t first = 0, count = 0;  // in in_order
  };

  std::vector<Task> tasks;            // and one more that ends the last one's dependents
  std::vector<uint32_t> dependents;   // tasks
  std::vector<uint32_t> first_tasks;  // that depend on nothing
  std::vector<uint32_t> counters;     // on how many tasks those that count depend
  // Tasks by membership and by point-to-point channel, in the order of their ordinals.
  std::vector<Slot> memberships, outgoing, incoming;
  std::vector<uint32_t> in_order;

  uint32_t task_count() const { return static_cast<uint32_t>(tasks.size()) - 1; }
  uint32_t task_at(Slot slot, uint32_t ordinal) const { return in_order[slot.first + ordinal]; }
};

// Channels from every member of a group to every other, as all-to-all needs them. They are numbered by
// arithmetic and held by nobody.
struct Mesh {
  struct Member {
    uint32_t rank = 0;
    uint32_t nic = kNone;  // its own; kNone where the ranks are not placed
    uint32_t strand = 0;   // among the rank's
  };

  uint32_t first_channel = 0;
  uint32_t held_before = 0;  // channels of Schedule::channels with lower numbers
  uint32_t communicator = 0;
  bool by_rail = false;             // leaves by the NIC on the receiver's rail, as HostShape::nics_between
  bool grants = false;              // a pair's last channel between hosts is that of grants
  uint32_t last_operation = kNone;  // of an iteration, where that sends a message a pair and is all-to-all
  std::vector<Member> members;      // by place in the lane's order
  PairNumbers channels;

  bool has_grants(uint32_t a, uint32_t b) const { return grants && !channels.same_host(a, b); }
  // Channels that carry data from one to the other.
  uint32_t connection_size(uint32_t a, uint32_t b) const {
    return channels.size_of(a, b) - (has_grants(a, b) ? 1 : 0);
  }
};

// A connection: its channels, one a queue pair, follow each other.
struct Link {
  uint32_t peer = 0;  // place in the lane's order
  uint32_t channel = 0, channel_count = 1;
  uint32_t slot = kNone;        // Channel::dst_slot of the first; kNone in a mesh
  uint32_t grants = kNone;      // the channel that grants its messages; kNone: they need no grant
  uint32_t grant_slot = kNone;  // its Channel::dst_slot; kNone in a mesh
};

// A rank's place in a process group.
struct Membership {
  uint32_t communicator = 0;
  uint32_t me = 0;                              // index in the group
  uint32_t first_strand = 0, strand_count = 0;  // among the rank's
};

// Where a rank goes through steps, one at a time: a strand of one lane of one group. Links are in ascending
// order of peer; where the lane is a mesh there are none.
struct Strand {
  uint32_t mesh = kNone;                                    // in Schedule::meshes
  uint32_t membership = 0;                                  // among the rank's
  uint32_t lane = 0;                                        // in Communicator::lanes
  uint32_t index = 0;                                       // in the lane
  uint32_t first_send_link = 0, send_link_count = 0;        // in Schedule::send_links
  uint32_t first_receive_link = 0, receive_link_count = 0;  // in Schedule::receive_links
};

struct RankPart {
  uint32_t program = 0;
  uint32_t first_membership = 0, membership_count = 0;
  uint32_t first_strand = 0, strand_count = 0;
  uint32_t first_send_link = 0, send_link_count = 0;
  uint32_t first_receive_link = 0, receive_link_count = 0;
  uint32_t first_outgoing = 0, first_incoming = 0;  // point to point: in Schedule::outgoing and incoming
  uint32_t incoming_of_groups = 0;                  // channels
};

struct Schedule {
  std::string name;
  SimTime launch_latency;         // of a collective
  BitRate reduction_rate;         // as CollectiveSettings
  bool split_data = false;        // as in CollectiveSettings
  uint32_t queue_pairs = 1;       // the largest connection_size
  uint64_t p2p_chunk_bytes = 0;   // as collective::Options
  uint64_t send_chunk_bytes = 0;  // the same of sends
  uint32_t receiver_slots = 16;   // as CollectiveSettings
  bool groups_grant = false, sends_grant = false;
  std::shared_ptr<const collective::CustomAlgorithm> custom;  // of the settings
  std::vector<RankPart> ranks;                                // the job's, then those of reducers
  std::vector<RankLocation> reducers;  // where these are; a switch in a lane of a group has one
  std::vector<Program> programs;
  std::vector<Operation> operations;   // of the ranges, which may share them
  std::vector<OperationRange> ranges;  // in the order of their numbers, without gaps
  std::vector<Communicator> communicators;
  std::vector<Channel> channels;             // but those of meshes
  std::vector<Mesh> meshes;                  // in the order of their channels' numbers
  std::vector<uint32_t> outgoing, incoming;  // channels: point to point, rank after rank, by slot
  std::vector<Membership> memberships;       // rank after rank
  std::vector<Strand> strands;               // rank after rank
  std::vector<Link> send_links, receive_links;

  // Of the job's. Reducers are numbered from there on, and are nobody's ranks.
  uint32_t rank_count() const { return static_cast<uint32_t>(ranks.size() - reducers.size()); }
  uint32_t operation_count() const { return ranges.empty() ? 0 : ranges.back().first + ranges.back().count; }

  // "rank 3"; beyond the job's ranks "reducer 0".
  std::string name_of(uint32_t rank) const;

  uint32_t channel_count() const;
  // By its number. Numbers are those that the channels would have if all of them were held.
  Channel channel(uint32_t number) const;
  // Where it is in `channels`; kNone of a mesh's.
  uint32_t held_index(uint32_t number) const;
  // The mesh that it is in; null where it is held.
  const Mesh* mesh_of(uint32_t number) const;

  const Program& program_of(uint32_t rank) const { return programs[ranks[rank].program]; }
  const Operation& operation_of(const OperationRange& range, uint32_t ordinal) const {
    return operations[range.first_entry + ordinal];
  }
  // By its number; at the cost of a search.
  const Operation& operation(uint32_t number) const;

  static uint32_t strands_of(const Communicator& in, const Operation& operation) {
    return collective::strands_of(*operation.algorithm, in.p2p.rounds);
  }

  // The lanes that carry a collective of a group: the first, and how many.
  std::pair<uint32_t, uint32_t> lanes_of(const Communicator& in, const Operation& operation) const {
    const uint32_t last = in.first_tree - 1;
    switch (operation.algorithm->lanes) {
      case collective::Lanes::Rings:
        return {0, std::min(in.rings, operation.most_rings)};
      case collective::Lanes::Pairs:
        return {last - (in.has_host_lane ? 1 : 0) - (in.has_custom_lane ? 1 : 0), 1};
      case collective::Lanes::Hosts:
        return {last - (in.has_custom_lane ? 1 : 0), 1};
      case collective::Lanes::Custom:
        break;
      case collective::Lanes::Trees:
        return {in.first_tree, in.trees};
    }
    return {last, 1};
  }

  // One member's part, or a reducer's, in what one lane carries of a collective; refers to this schedule.
  collective::Call call_of(const Communicator& in, const Operation& operation, uint32_t member, uint32_t lane,
                           uint32_t strand = 0) const {
    const auto [first, count] = lanes_of(in, operation);
    const Lane& on = in.lanes[lane];
    collective::Call call;
    call.size = operation.group_size;
    call.me = on.place_of[member];
    call.bytes = collective::part_of(operation.bytes, count, lane - first).bytes;
    call.root = on.place_of[operation.root];
    call.lane = lane - first;
    call.strand = strand;
    call.per_host = on.per_host;
    call.splits = operation.splits.empty() ? nullptr : operation.splits.data();
    call.member_at = on.member_at.data();
    call.custom = custom.get();
    call.largest_split = operation.largest_split;
    call.rounds = in.p2p.rounds;
    call.steps = in.p2p.steps;
    call.tree = operation.algorithm->lanes == collective::Lanes::Trees ? &on.tree : nullptr;
    call.options = collective::options_of(operation.protocol);
    call.options.p2p_chunk_bytes = p2p_chunk_bytes;
    return call;
  }
};

}  // namespace railyard::schedule
