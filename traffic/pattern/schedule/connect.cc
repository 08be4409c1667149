// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/schedule/connect.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <tuple>
#include <utility>

#include "traffic/pattern/collective/way.h"

namespace railyard::schedule {
namespace {

// Whether the only ring is the group's order over the GPUs' own NICs, so that pairs may share its
// connections.
bool ring_serves_pairs(const Lanes& lanes, const std::vector<RankLocation>& members, const HostShape& hosts) {
  if (lanes.rings.size() != 1 || lanes.rings[0].member_at != lanes.pairs.member_at) return false;
  for (size_t m = 0; m < members.size(); ++m)
    if (lanes.rings[0].nic[m] != hosts.nic_of(members[m].gpu)) return false;
  return true;
}

// Channels of a connection between hosts.
uint32_t connection_size(const CollectiveSettings& settings, const Lane& on) {
  return settings.queue_pairs * (on.nic.empty() && on.uplinks.empty() ? settings.p2p_channels : 1);
}

// By which NICs the lane goes from one place to another; none: by those of the two GPUs.
std::optional<HostShape::NicPair> nics_in(const Lane& lane, uint32_t source, uint32_t destination) {
  if (!lane.uplinks.empty()) {
    if (lane.tree.network.parent[source] == destination) return lane.uplinks[source];
    const HostShape::NicPair up = lane.uplinks[destination];
    return HostShape::NicPair{up.destination, up.source};
  }
  if (lane.nic.empty()) return std::nullopt;
  return HostShape::NicPair{lane.nic[lane.member_at[source]], lane.nic[lane.member_at[destination]]};
}

// What a lane carries: operations whose peers are not those of one that was looked at already.
std::vector<const Operation*> distinct_operations(const Schedule& schedule, const Communicator& in,
                                                  uint32_t lane) {
  std::vector<const Operation*> distinct;
  // Few traces have more than a handful.
  std::set<std::tuple<const collective::Algorithm*, uint32_t, uint64_t>> seen;
  const OperationRange& range = schedule.ranges[in.operations];
  for (uint32_t i = 0; i < range.count; ++i) {
    const Operation& operation = schedule.operation_of(range, i);
    const auto [first, count] = schedule.lanes_of(in, operation);
    if (lane < first || lane >= first + count) continue;
    const uint64_t bytes = collective::part_of(operation.bytes, count, lane - first).bytes;
    const uint64_t parts_with_bytes = std::min<uint64_t>(bytes, operation.group_size);
    if (!operation.splits.empty() ||
        seen.insert({operation.algorithm, operation.root, parts_with_bytes}).second)
      distinct.push_back(&operation);
  }
  return distinct;
}

// Per place, the places that it sends to in one strand of a lane, in ascending order.
tl::expected<std::vector<std::vector<uint32_t>>, std::string> peers_by_place(
    Draft& draft, uint32_t communicator, uint32_t lane, uint32_t strand,
    const std::vector<const Operation*>& operations) {
  const Communicator& in = draft.schedule.communicators[communicator];
  const Lane& on = in.lanes[lane];
  const uint32_t size = static_cast<uint32_t>(on.member_at.size());
  std::vector<std::vector<uint32_t>> peers(size);
  for (const Operation* operation : operations) {
    if (strand >= Schedule::strands_of(in, *operation)) continue;
    if (Checked checked = check_cancelled(draft); !checked) return tl::make_unexpected(checked.error());
    for (uint32_t place = 0; place < size; ++place) {
      const auto call = draft.schedule.call_of(in, *operation, on.member_at[place], lane, strand);
      const std::vector<uint32_t> more = operation->algorithm->peers(call);
      std::vector<uint32_t> both;
      std::set_union(peers[place].begin(), peers[place].end(), more.begin(), more.end(),
                     std::back_inserter(both));
      const uint64_t added = both.size() - peers[place].size();
      if (Checked taken = take_pairs(draft, added * draft.options.collectives.queue_pairs); !taken)
        return tl::make_unexpected(taken.error());
      peers[place] = std::move(both);
    }
  }
  return peers;
}

void add_connection(Draft& draft, Channel channel, const Lane& lane, uint32_t source, uint32_t destination,
                    RankStrands& strands) {
  choose_nics(draft, nics_in(lane, source, destination), channel);
  const bool over_nics = between_hosts(draft, channel);
  channel.connection_size = over_nics ? connection_size(draft.options.collectives, lane) : 1;
  Schedule& schedule = draft.schedule;
  Link link{0, schedule.channel_count(), channel.connection_size};
  const uint32_t slot = schedule.ranks[channel.dst_rank].incoming_of_groups;
  for (uint32_t i = 0; i < link.channel_count; ++i) add_channel(schedule, channel);
  // A switch takes what comes.
  if (over_nics && schedule.groups_grant && lane.uplinks.empty()) {
    link.grant_slot = schedule.ranks[channel.src_rank].incoming_of_groups;
    link.grants = add_channel(schedule, granting(channel));
  }
  link.peer = destination;
  strands[channel.src_rank].strands[channel.src_strand].sends.push_back(link);
  link.peer = source, link.slot = slot;
  strands[channel.dst_rank].strands[channel.dst_strand].receives.push_back(link);
}

// Whether an operation sends from every member to every other, which its first and last member tell: what an
// even all-to-all sends to a member does not depend on the source.
bool meets_all(const Schedule& schedule, const Communicator& in, const Operation& operation, uint32_t lane) {
  const bool is_all_to_all = operation.algorithm->kind == collective::Kind::AllToAll;
  if (!is_all_to_all || !operation.splits.empty()) return false;
  const Lane& on = in.lanes[lane];
  for (const uint32_t member : {on.member_at.front(), on.member_at.back()}) {
    size_t peers = 0;
    for (uint32_t strand = 0; strand < Schedule::strands_of(in, operation); ++strand)
      peers += operation.algorithm->peers(schedule.call_of(in, operation, member, lane, strand)).size();
    if (peers + 1 != on.member_at.size()) return false;
  }
  return true;
}

bool is_mesh(const Schedule& schedule, const Communicator& in, uint32_t lane,
             const std::vector<const Operation*>& operations) {
  return in.lanes[lane].member_at.size() > 1 &&
         std::any_of(operations.begin(), operations.end(),
                     [&](const Operation* o) { return meets_all(schedule, in, *o, lane); });
}

// The last that the lane carries, where it goes from pair to pair, over them all.
uint32_t last_all_to_all(const Schedule& schedule, const Communicator& in, uint32_t lane) {
  const OperationRange& range = schedule.ranges[in.operations];
  for (uint32_t i = range.count; i-- > 0;) {
    const Operation& operation = schedule.operation_of(range, i);
    const auto [first, count] = schedule.lanes_of(in, operation);
    if (lane < first || lane >= first + count) continue;
    const bool by_rounds = operation.algorithm->strands == collective::kAsManyAsRounds;
    return by_rounds && meets_all(schedule, in, operation, lane) ? range.first + i : kNone;
  }
  return kNone;
}

Checked add_mesh(Draft& draft, const std::vector<uint32_t>& ranks, uint32_t communicator, uint32_t lane,
                 RankStrands& strands) {
  Schedule& schedule = draft.schedule;
  const CompileOptions& options = draft.options;
  const Communicator& in = schedule.communicators[communicator];
  const Lane& on = in.lanes[lane];
  Mesh mesh;
  mesh.first_channel = schedule.channel_count();
  mesh.held_before = static_cast<uint32_t>(schedule.channels.size());
  mesh.communicator = communicator;
  mesh.by_rail = on.nic.empty() && options.collectives.pxn && options.hosts.has_scale_up();
  mesh.grants = schedule.groups_grant;
  mesh.last_operation = last_all_to_all(schedule, in, lane);
  std::vector<uint32_t> hosts;
  for (const uint32_t member : on.member_at) {
    Mesh::Member& added = mesh.members.emplace_back();
    added.rank = ranks[member];
    LinkedStrand& strand = strands[added.rank].strands.back();
    strand.strand.mesh = static_cast<uint32_t>(schedule.meshes.size());
    added.strand = static_cast<uint32_t>(strands[added.rank].strands.size()) - 1;
    hosts.push_back(options.placement == nullptr ? member : (*options.placement)[added.rank].host);
    if (options.placement != nullptr)
      added.nic =
          on.nic.empty() ? options.hosts.nic_of((*options.placement)[added.rank].gpu) : on.nic[member];
  }
  const uint32_t between = connection_size(options.collectives, on) + (mesh.grants ? 1 : 0);
  mesh.channels = PairNumbers(hosts, options.placement == nullptr ? between : 1, between);
  if (Checked taken = take_pairs(draft, mesh.channels.count()); !taken) return taken;
  const uint64_t end = mesh.first_channel + mesh.channels.count();
  if (end > kNone)
    return tl::make_unexpected(
        fmt::format("group '{}' brings the queue pairs to {}, and their numbers end at {}; use fewer ranks "
                    "or queue_pairs",
                    in.name, end, kNone));
  schedule.meshes.push_back(std::move(mesh));
  return {};
}

uint32_t mesh_of_strand_before(const RankStrandsEntry& entry) {
  return entry.strands[entry.strands.size() - 2].strand.mesh;
}

// Of a member, or of a reducer in the lane.
uint32_t rank_in(const Lane& on, const std::vector<uint32_t>& ranks, uint32_t member) {
  const auto members = static_cast<uint32_t>(ranks.size());
  return member < members ? ranks[member] : on.first_reducer + (member - members);
}

void add_strand(const Lane& on, const std::vector<uint32_t>& ranks, uint32_t lane, uint32_t index,
                RankStrands& strands) {
  for (uint32_t member = 0; member < on.member_at.size(); ++member) {
    RankStrandsEntry& entry = strands[rank_in(on, ranks, member)];
    LinkedStrand& added = entry.strands.emplace_back();
    added.strand.membership = static_cast<uint32_t>(entry.memberships.size()) - 1;
    added.strand.lane = lane;
    added.strand.index = index;
    ++entry.memberships.back().strand_count;
  }
}

// The last `added` strands of every rank are those of the lane so far.
Checked connect_strand(Draft& draft, const std::vector<uint32_t>& ranks, uint32_t communicator, uint32_t lane,
                       uint32_t index, uint32_t added, const std::vector<const Operation*>& operations,
                       RankStrands& strands) {
  const Communicator& in = draft.schedule.communicators[communicator];
  const Lane& on = in.lanes[lane];
  if (index == 0 && is_mesh(draft.schedule, in, lane, operations))
    return add_mesh(draft, ranks, communicator, lane, strands);
  if (const uint32_t mesh = index == 0 ? kNone : mesh_of_strand_before(strands[ranks.front()]);
      mesh != kNone) {
    for (const uint32_t rank : ranks) strands[rank].strands.back().strand.mesh = mesh;
    return {};
  }
  const auto peers = peers_by_place(draft, communicator, lane, index, operations);
  if (!peers) return tl::make_unexpected(peers.error());
  for (uint32_t place = 0; place < on.member_at.size(); ++place)
    for (const uint32_t peer : (*peers)[place]) {
      Channel channel;
      channel.src_rank = rank_in(on, ranks, on.member_at[place]);
      channel.dst_rank = rank_in(on, ranks, on.member_at[peer]);
      channel.communicator = communicator;
      const Operation& any = *operations.front();
      const uint32_t there = any.algorithm->receiver_strand == nullptr
                                 ? index
                                 : any.algorithm->receiver_strand(
                                       draft.schedule.call_of(in, any, on.member_at[place], lane, index));
      const auto first_of = [&](uint32_t rank) {
        return static_cast<uint32_t>(strands[rank].strands.size()) - added;
      };
      channel.src_strand = first_of(channel.src_rank) + index;
      channel.dst_strand = first_of(channel.dst_rank) + there;
      add_connection(draft, channel, on, place, peer, strands);
    }
  return {};
}

uint32_t append(std::vector<Link>& all, const std::vector<Link>& some) {
  const uint32_t first = static_cast<uint32_t>(all.size());
  all.insert(all.end(), some.begin(), some.end());
  return first;
}

}  // namespace

bool between_hosts(const Draft& draft, const Channel& channel) {
  if (draft.options.placement == nullptr) return true;
  return location_of(draft, channel.src_rank).host != location_of(draft, channel.dst_rank).host;
}

Channel granting(Channel channel) {
  std::swap(channel.src_rank, channel.dst_rank);
  std::swap(channel.src_strand, channel.dst_strand);
  std::swap(channel.src_nic, channel.dst_nic);
  channel.grants = true;
  return channel;
}

tl::expected<uint32_t, std::string> add_communicator(Draft& draft, const std::string& name,
                                                     const std::vector<uint32_t>& ranks) {
  Communicator added;
  added.name = name;
  Lanes lanes;
  Lane by_host;
  bool shared = true;
  added.hosts = static_cast<uint32_t>(ranks.size());
  if (draft.options.placement == nullptr) {
    lanes.rings.push_back(group_order(static_cast<uint32_t>(ranks.size())));
    by_host = group_order(static_cast<uint32_t>(ranks.size()));
  } else {
    const uint64_t most_rings =
        uint64_t{draft.options.hosts.nics_per_host} * draft.options.collectives.channels_per_nic;
    if (Checked taken = take_pairs(draft, (most_rings - 1) * ranks.size()); !taken)
      return tl::make_unexpected(taken.error());
    std::vector<RankLocation> members;
    for (const uint32_t rank : ranks) members.push_back((*draft.options.placement)[rank]);
    lanes = lay_lanes(members, draft.options.hosts, draft.options.collectives.channels_per_nic);
    added.hosts = lanes.hosts;
    shared =
        draft.options.collectives.p2p_channels == 1 && ring_serves_pairs(lanes, members, draft.options.hosts);
    by_host = host_after_host(members, draft.options.hosts);
  }
  added.rings = static_cast<uint32_t>(lanes.rings.size());
  const CollectiveSettings& settings = draft.options.collectives;
  added.p2p = collective::p2p_limits(added.rings, settings.p2p_channels, settings.receiver_slots,
                                     collective::p2p_group(lanes.pairs.per_host));
  added.p2p.rounds = std::min(added.p2p.rounds, std::max(1U, static_cast<uint32_t>(ranks.size())));
  added.lanes = std::move(lanes.rings);
  if (!shared) added.lanes.push_back(std::move(lanes.pairs));
  added.has_host_lane = collective::may_go_by(draft.options.collectives, collective::Lanes::Hosts);
  if (added.has_host_lane) added.lanes.push_back(std::move(by_host));
  added.has_custom_lane = draft.schedule.custom != nullptr;
  if (added.has_custom_lane) added.lanes.push_back(group_order(static_cast<uint32_t>(ranks.size())));
  added.first_tree = static_cast<uint32_t>(added.lanes.size());
  draft.schedule.communicators.push_back(std::move(added));
  return static_cast<uint32_t>(draft.schedule.communicators.size()) - 1;
}

collective::TunedGroup tuned_group(const Draft& draft, uint32_t communicator) {
  const Communicator& in = draft.schedule.communicators[communicator];
  const CollectiveSettings& settings = draft.options.collectives;
  const HostShape& hosts = draft.options.hosts;
  collective::TunedGroup group;
  group.ranks = static_cast<uint32_t>(in.lanes.front().member_at.size());
  group.hosts = in.hosts;
  group.channels_per_nic = in.hosts == 1 ? 1 : settings.channels_per_nic;
  group.nics = in.rings / group.channels_per_nic;
  group.nic_rate = hosts.nic_rate;
  group.scale_up_rate = hosts.scale_up_rate;
  group.gpu = settings.gpu;
  group.cpu = settings.cpu;
  // Across hosts it is asked of the switches when the lanes are laid: there it is missed, not passed by.
  group.reduces = in.hosts > 1 || hosts.scale_up_reduces;
  return group;
}

Checked connect_group(Draft& draft, const std::vector<uint32_t>& ranks, uint32_t communicator,
                      RankStrands& strands) {
  for (uint32_t member = 0; member < ranks.size(); ++member) {
    RankStrandsEntry& entry = strands[ranks[member]];
    Membership membership;
    membership.communicator = communicator;
    membership.me = member;
    membership.first_strand = static_cast<uint32_t>(entry.strands.size());
    entry.memberships.push_back(membership);
  }
  const auto lanes = static_cast<uint32_t>(draft.schedule.communicators[communicator].lanes.size());
  for (uint32_t lane = 0; lane < lanes; ++lane) {
    const auto operations =
        distinct_operations(draft.schedule, draft.schedule.communicators[communicator], lane);
    uint32_t count = 0;
    for (const Operation* operation : operations)
      count = std::max(count, Schedule::strands_of(draft.schedule.communicators[communicator], *operation));
    const Lane& on = draft.schedule.communicators[communicator].lanes[lane];
    // Strands of a custom algorithm are connected with others than their like: all must be there before.
    const bool at_once = count > 0 && operations.front()->algorithm->lanes == collective::Lanes::Custom;
    for (uint32_t index = 0; at_once && index < count; ++index) add_strand(on, ranks, lane, index, strands);
    for (uint32_t index = 0; index < count; ++index) {
      if (!at_once) add_strand(on, ranks, lane, index, strands);
      Checked connected = connect_strand(draft, ranks, communicator, lane, index, at_once ? count : index + 1,
                                         operations, strands);
      if (!connected) return connected;
    }
  }
  return {};
}

void flatten(const RankStrands& strands, Schedule& schedule) {
  for (uint32_t rank = 0; rank < strands.size(); ++rank) {
    RankPart& part = schedule.ranks[rank];
    part.first_membership = static_cast<uint32_t>(schedule.memberships.size());
    part.membership_count = static_cast<uint32_t>(strands[rank].memberships.size());
    part.first_strand = static_cast<uint32_t>(schedule.strands.size());
    part.strand_count = static_cast<uint32_t>(strands[rank].strands.size());
    part.first_send_link = static_cast<uint32_t>(schedule.send_links.size());
    part.first_receive_link = static_cast<uint32_t>(schedule.receive_links.size());
    schedule.memberships.insert(schedule.memberships.end(), strands[rank].memberships.begin(),
                                strands[rank].memberships.end());
    for (const LinkedStrand& linked : strands[rank].strands) {
      Strand strand = linked.strand;
      strand.first_send_link = append(schedule.send_links, linked.sends);
      strand.send_link_count = static_cast<uint32_t>(linked.sends.size());
      strand.first_receive_link = append(schedule.receive_links, linked.receives);
      strand.receive_link_count = static_cast<uint32_t>(linked.receives.size());
      schedule.strands.push_back(strand);
    }
    part.send_link_count = static_cast<uint32_t>(schedule.send_links.size()) - part.first_send_link;
    part.receive_link_count = static_cast<uint32_t>(schedule.receive_links.size()) - part.first_receive_link;
  }
}

void choose_nics(const Draft& draft, std::optional<HostShape::NicPair> of_lane, Channel& channel) {
  const CompileOptions& options = draft.options;
  if (options.placement == nullptr || !between_hosts(draft, channel)) return;
  const HostShape::NicPair nics =
      of_lane ? *of_lane
              : options.hosts.nics_between(location_of(draft, channel.src_rank),
                                           location_of(draft, channel.dst_rank), options.collectives.pxn);
  channel.src_nic = nics.source;
  channel.dst_nic = nics.destination;
}

}  // namespace railyard::schedule
