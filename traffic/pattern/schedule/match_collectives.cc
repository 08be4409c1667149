// SPDX-License-Identifier: BSD-3-Clause
// Pairs each member's n-th collective in a group with the others' n-th, and makes the group's channels.
#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <optional>
#include <set>
#include <tuple>
#include <unordered_map>

#include "traffic/pattern/schedule/draft.h"

namespace railyard::schedule {
namespace {

// A process group and the tasks of its collectives, member by member, in list order.
struct GroupTasks {
  const trace::Group* group = nullptr;
  std::unordered_map<uint32_t, uint32_t> member_of_rank;
  std::vector<std::vector<uint32_t>> tasks;

  uint32_t size() const { return static_cast<uint32_t>(group->ranks_size()); }
  uint32_t rank(uint32_t member) const { return group->ranks(static_cast<int>(member)); }
};

std::optional<collective::Kind> kind_of(trace::CollectiveKind kind) {
  switch (kind) {
    case trace::ALL_REDUCE:
      return collective::Kind::AllReduce;
    case trace::ALL_GATHER:
      return collective::Kind::AllGather;
    case trace::REDUCE_SCATTER:
      return collective::Kind::ReduceScatter;
    case trace::BROADCAST:
      return collective::Kind::Broadcast;
    case trace::ALL_TO_ALL:
      return collective::Kind::AllToAll;
    default:
      return std::nullopt;
  }
}

const trace::Collective& collective_of(const Draft& draft, const GroupTasks& group, uint32_t member,
                                       size_t nth) {
  return draft.operation(group.rank(member), group.tasks[member][nth]).collective();
}

std::string place_in(const Draft& draft, const GroupTasks& group, uint32_t member, size_t nth) {
  return place_of(draft, group.rank(member), group.tasks[member][nth]);
}

std::vector<GroupTasks> make_groups(const Draft& draft) {
  std::vector<GroupTasks> groups;
  for (const trace::Group& group : draft.trace.header().groups()) {
    GroupTasks tasks;
    tasks.group = &group;
    tasks.tasks.resize(tasks.size());
    for (uint32_t member = 0; member < tasks.size(); ++member) {
      tasks.member_of_rank.emplace(tasks.rank(member), member);
    }
    groups.push_back(std::move(tasks));
  }
  return groups;
}

// What one member's entry must satisfy by itself.
Checked check_collective(const Draft& draft, const GroupTasks& group, uint32_t rank, uint32_t index) {
  const trace::Collective& call = draft.operation(rank, index).collective();
  if (!kind_of(call.kind())) {
    return tl::make_unexpected(
        fmt::format("{} is a collective of no known kind; there are all_reduce, all_gather, reduce_scatter, "
                    "broadcast, all_to_all",
                    place_of(draft, rank, index)));
  }
  if (call.kind() == trace::BROADCAST && call.root() >= group.size()) {
    return tl::make_unexpected(fmt::format("{} has root {}, but group '{}' has members 0 to {}",
                                           place_of(draft, rank, index), call.root(), group.group->name(),
                                           group.size() - 1));
  }
  if (call.split_bytes().empty()) {
    // All others go in slices.
    return call.kind() != trace::ALL_TO_ALL
               ? Checked()
               : check_message(draft, rank, index, collective::divide_up(call.bytes(), group.size()));
  }
  if (call.kind() != trace::ALL_TO_ALL) {
    return tl::make_unexpected(
        fmt::format("{} has splits, which only all_to_all takes; remove them", place_of(draft, rank, index)));
  }
  if (static_cast<uint32_t>(call.split_bytes_size()) != group.size()) {
    return tl::make_unexpected(fmt::format(
        "{} has {} splits, but group '{}' has {} members; give one a member", place_of(draft, rank, index),
        call.split_bytes_size(), group.group->name(), group.size()));
  }
  const uint64_t sum = std::accumulate(call.split_bytes().begin(), call.split_bytes().end(), uint64_t{0});
  if (sum != call.bytes()) {
    return tl::make_unexpected(
        fmt::format("{} has splits of {} B in all, but a send buffer of {} B; make them equal",
                    place_of(draft, rank, index), sum, call.bytes()));
  }
  return check_message(draft, rank, index,
                       *std::max_element(call.split_bytes().begin(), call.split_bytes().end()));
}

Checked gather_tasks(const Draft& draft, std::vector<GroupTasks>& groups) {
  for (uint32_t rank = 0; rank < draft.ranks.size(); ++rank) {
    if (Checked checked = check_cancelled(draft); !checked) return checked;
    const uint32_t count = draft.schedule.ranks[rank].task_count;
    for (uint32_t index = 0; index < count; ++index) {
      if (!draft.operation(rank, index).has_collective()) continue;
      const uint32_t id = draft.operation(rank, index).collective().group();
      if (id >= groups.size()) {
        return tl::make_unexpected(fmt::format("{} is in group {}, but the trace's header lists {} groups",
                                               place_of(draft, rank, index), id, groups.size()));
      }
      GroupTasks& group = groups[id];
      const auto member = group.member_of_rank.find(rank);
      if (member == group.member_of_rank.end()) {
        return tl::make_unexpected(
            fmt::format("{} is in group '{}', of which its rank is no member; add it to the "
                        "group's ranks",
                        place_of(draft, rank, index), group.group->name()));
      }
      if (Checked checked = check_collective(draft, group, rank, index); !checked) return checked;
      group.tasks[member->second].push_back(index);
    }
  }
  return {};
}

std::string describe(const trace::Collective& call) {
  std::string text = fmt::format("{} of {} B", collective::name_of(*kind_of(call.kind())), call.bytes());
  if (call.kind() == trace::BROADCAST) text += fmt::format(" from member {}", call.root());
  return text;
}

// Members' send buffers may differ only where the splits say to whom the bytes go.
bool agree(const trace::Collective& a, const trace::Collective& b, bool uneven) {
  if (a.kind() != b.kind()) return false;
  if (a.kind() == trace::BROADCAST && a.root() != b.root()) return false;
  return a.bytes() == b.bytes() || uneven;
}

bool is_uneven(const Draft& draft, const GroupTasks& group, size_t nth) {
  for (uint32_t member = 0; member < group.size(); ++member) {
    if (!collective_of(draft, group, member, nth).split_bytes().empty()) return true;
  }
  return false;
}

Checked check_agreement(const Draft& draft, const GroupTasks& group) {
  const auto shorter = [](const auto& a, const auto& b) { return a.size() < b.size(); };
  const auto& tasks = group.tasks;
  const size_t common = std::min_element(tasks.begin(), tasks.end(), shorter)->size();
  for (size_t nth = 0; nth < common; ++nth) {
    const bool uneven = is_uneven(draft, group, nth);
    const trace::Collective& first = collective_of(draft, group, 0, nth);
    for (uint32_t member = 1; member < group.size(); ++member) {
      const trace::Collective& other = collective_of(draft, group, member, nth);
      if (agree(first, other, uneven)) continue;
      return tl::make_unexpected(
          fmt::format("collective {} of group '{}' differs between its members: {} is {}, {} is {}; list the "
                      "same collectives in "
                      "the same order on every member",
                      nth, group.group->name(), place_in(draft, group, 0, nth), describe(first),
                      place_in(draft, group, member, nth), describe(other)));
    }
  }
  const auto longest = std::max_element(tasks.begin(), tasks.end(), shorter);
  if (longest->size() == common) return {};
  const auto shortest = std::min_element(tasks.begin(), tasks.end(), shorter);
  const uint32_t has = static_cast<uint32_t>(longest - tasks.begin());
  const uint32_t lacks = static_cast<uint32_t>(shortest - tasks.begin());
  return tl::make_unexpected(
      fmt::format("{} is collective {} of group '{}', which rank {} has no part in: it lists {} of them, not "
                  "{}; capture every rank "
                  "over the same steps",
                  place_in(draft, group, has, common), common, group.group->name(), group.rank(lacks),
                  shortest->size(), longest->size()));
}

tl::expected<const collective::Algorithm*, std::string> choose(const CompileOptions& options,
                                                               collective::Kind kind) {
  const auto chosen = options.algorithms.find(kind);
  if (chosen == options.algorithms.end()) return &collective::default_algorithm(kind);
  if (const auto* found = collective::find_algorithm(kind, chosen->second)) return found;
  std::string names;
  for (const collective::Algorithm& a : collective::algorithms()) {
    if (a.kind == kind) names += fmt::format("{}{}", names.empty() ? "" : ", ", a.name);
  }
  return tl::make_unexpected(fmt::format("there is no algorithm '{}' for {}; there is: {}", chosen->second,
                                         collective::name_of(kind), names));
}

std::vector<uint64_t> split_matrix(const Draft& draft, const GroupTasks& group, size_t nth) {
  std::vector<uint64_t> splits;
  for (uint32_t source = 0; source < group.size(); ++source) {
    const trace::Collective& call = collective_of(draft, group, source, nth);
    for (uint32_t destination = 0; destination < group.size(); ++destination) {
      splits.push_back(call.split_bytes().empty()
                           ? collective::part_of(call.bytes(), group.size(), destination).bytes
                           : call.split_bytes(static_cast<int>(destination)));
    }
  }
  return splits;
}

Checked add_operations(Draft& draft, const GroupTasks& group, uint32_t communicator) {
  Schedule& schedule = draft.schedule;
  for (size_t nth = 0; nth < group.tasks[0].size(); ++nth) {
    if (Checked checked = check_cancelled(draft); !checked) return checked;
    const trace::Collective& first = collective_of(draft, group, 0, nth);
    const auto algorithm = choose(draft.options, *kind_of(first.kind()));
    if (!algorithm) return tl::make_unexpected(algorithm.error());
    Operation operation;
    operation.name = draft.operation(group.rank(0), group.tasks[0][nth]).name();
    operation.kind = collective::name_of(*kind_of(first.kind()));
    operation.group_size = group.size();
    operation.communicator = communicator;
    operation.algorithm = *algorithm;
    operation.root = first.root();
    if (is_uneven(draft, group, nth)) {
      const Checked taken = take_pairs(draft, uint64_t{group.size()} * group.size());
      if (!taken) return taken;
      operation.splits = split_matrix(draft, group, nth);
    }
    for (uint32_t member = 0; member < group.size(); ++member) {
      operation.bytes = std::max(operation.bytes, collective_of(draft, group, member, nth).bytes());
      const uint32_t rank = group.rank(member), index = group.tasks[member][nth];
      draft.task(rank, index).operation = static_cast<uint32_t>(schedule.operations.size());
      if (nth > 0) draft.dependencies[rank].emplace_back(group.tasks[member][nth - 1], index);
    }
    schedule.operations.push_back(std::move(operation));
  }
  return {};
}

using PeersByMember = std::vector<std::vector<uint32_t>>;

// Per member, the members that it sends to in any of the group's collectives, which are the operations from
// `first_operation` on; in ascending order.
tl::expected<PeersByMember, std::string> peers_by_member(Draft& draft, size_t first_operation,
                                                         uint32_t size) {
  const Schedule& schedule = draft.schedule;
  PeersByMember peers(size);
  // Calls whose peers are those of a call that was looked at already: few traces have more than a handful.
  std::set<std::tuple<const collective::Algorithm*, uint32_t, uint64_t>> seen;
  for (size_t i = first_operation; i < schedule.operations.size(); ++i) {
    if (Checked checked = check_cancelled(draft); !checked) return tl::make_unexpected(checked.error());
    const Operation& operation = schedule.operations[i];
    const uint64_t parts_with_bytes = std::min<uint64_t>(operation.bytes, size);
    if (operation.splits.empty() &&
        !seen.insert({operation.algorithm, operation.root, parts_with_bytes}).second) {
      continue;
    }
    collective::Call call;
    call.size = size;
    call.bytes = operation.bytes;
    call.root = operation.root;
    call.splits = operation.splits.empty() ? nullptr : operation.splits.data();
    call.options = schedule.collective_options;
    for (call.me = 0; call.me < size; ++call.me) {
      const std::vector<uint32_t> more = operation.algorithm->peers(call);
      std::vector<uint32_t> both;
      std::set_union(peers[call.me].begin(), peers[call.me].end(), more.begin(), more.end(),
                     std::back_inserter(both));
      if (Checked taken = take_pairs(draft, both.size() - peers[call.me].size()); !taken)
        return tl::make_unexpected(taken.error());
      peers[call.me] = std::move(both);
    }
  }
  return peers;
}

// One member's membership, with the links in both directions, for the communicators of all its groups.
struct MemberLinks {
  Membership membership;
  std::vector<Link> sends, receives;
};

Checked add_channels(Draft& draft, const GroupTasks& group, uint32_t communicator, size_t first_operation,
                     std::vector<std::vector<MemberLinks>>& by_rank) {
  const auto peers = peers_by_member(draft, first_operation, group.size());
  if (!peers) return tl::make_unexpected(peers.error());
  for (uint32_t member = 0; member < group.size(); ++member) {
    const uint32_t rank = group.rank(member);
    const uint32_t slot = static_cast<uint32_t>(by_rank[rank].size());
    for (uint32_t index : group.tasks[member]) draft.task(rank, index).membership = slot;
    MemberLinks links;
    links.membership.communicator = communicator;
    links.membership.me = member;
    by_rank[rank].push_back(std::move(links));
  }
  for (uint32_t member = 0; member < group.size(); ++member) {
    for (uint32_t peer : (*peers)[member]) {
      Channel channel;
      channel.src_rank = group.rank(member);
      channel.dst_rank = group.rank(peer);
      channel.communicator = communicator;
      channel.src_membership = static_cast<uint32_t>(by_rank[channel.src_rank].size() - 1);
      channel.dst_membership = static_cast<uint32_t>(by_rank[channel.dst_rank].size() - 1);
      const uint32_t index = add_channel(draft.schedule, channel);
      by_rank[channel.src_rank].back().sends.push_back({peer, index});
      by_rank[channel.dst_rank].back().receives.push_back({member, index});
    }
  }
  return {};
}

uint32_t append(std::vector<Link>& all, const std::vector<Link>& some) {
  const uint32_t first = static_cast<uint32_t>(all.size());
  all.insert(all.end(), some.begin(), some.end());
  return first;
}

void flatten(Schedule& schedule, const std::vector<std::vector<MemberLinks>>& by_rank) {
  for (uint32_t rank = 0; rank < by_rank.size(); ++rank) {
    schedule.ranks[rank].first_membership = static_cast<uint32_t>(schedule.memberships.size());
    schedule.ranks[rank].membership_count = static_cast<uint32_t>(by_rank[rank].size());
    for (const MemberLinks& links : by_rank[rank]) {
      Membership membership = links.membership;
      membership.first_send_link = append(schedule.send_links, links.sends);
      membership.send_link_count = static_cast<uint32_t>(links.sends.size());
      membership.first_receive_link = append(schedule.receive_links, links.receives);
      membership.receive_link_count = static_cast<uint32_t>(links.receives.size());
      schedule.memberships.push_back(membership);
    }
  }
}

}  // namespace

Checked match_collectives(Draft& draft) {
  std::vector<GroupTasks> groups = make_groups(draft);
  if (Checked checked = gather_tasks(draft, groups); !checked) return checked;
  std::vector<std::vector<MemberLinks>> by_rank(draft.ranks.size());
  for (const GroupTasks& group : groups) {
    if (group.size() == 0) continue;
    if (Checked checked = check_cancelled(draft); !checked) return checked;
    if (Checked checked = check_agreement(draft, group); !checked) return checked;
    if (group.tasks[0].empty()) continue;
    const uint32_t communicator = static_cast<uint32_t>(draft.schedule.communicators.size());
    draft.schedule.communicators.push_back({group.group->name(), false});
    const size_t first_operation = draft.schedule.operations.size();
    if (Checked checked = add_operations(draft, group, communicator); !checked) return checked;
    if (Checked added = add_channels(draft, group, communicator, first_operation, by_rank); !added)
      return added;
  }
  flatten(draft.schedule, by_rank);
  return {};
}

}  // namespace railyard::schedule
