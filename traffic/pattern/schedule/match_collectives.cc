// SPDX-License-Identifier: BSD-3-Clause
// Pairs each member's n-th collective in a group with the others' n-th.
#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <optional>
#include <unordered_map>

#include "traffic/pattern/collective/way.h"
#include "traffic/pattern/schedule/connect.h"
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
  const collective::TunedGroup tuned = tuned_group(draft, communicator);
  for (size_t nth = 0; nth < group.tasks[0].size(); ++nth) {
    if (Checked checked = check_cancelled(draft); !checked) return checked;
    const trace::Collective& first = collective_of(draft, group, 0, nth);
    const collective::Way way =
        collective::way_of(draft.options.collectives, *kind_of(first.kind()), first.bytes(), tuned);
    Operation operation;
    operation.name = draft.operation(group.rank(0), group.tasks[0][nth]).name();
    operation.kind = collective::name_of(*kind_of(first.kind()));
    operation.group_size = group.size();
    operation.communicator = communicator;
    operation.algorithm = way.algorithm;
    operation.protocol = way.protocol;
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

}  // namespace

Checked match_collectives(Draft& draft) {
  std::vector<GroupTasks> groups = make_groups(draft);
  if (Checked checked = gather_tasks(draft, groups); !checked) return checked;
  RankStrands strands(draft.ranks.size());
  for (const GroupTasks& group : groups) {
    if (group.size() == 0) continue;
    if (Checked checked = check_cancelled(draft); !checked) return checked;
    if (Checked checked = check_agreement(draft, group); !checked) return checked;
    if (group.tasks[0].empty()) continue;
    const std::vector<uint32_t> ranks(group.group->ranks().begin(), group.group->ranks().end());
    const auto communicator = add_communicator(draft, group.group->name(), ranks);
    if (!communicator) return tl::make_unexpected(communicator.error());
    if (Checked added = add_operations(draft, group, *communicator); !added) return added;
    if (Checked connected = connect_group(draft, ranks, *communicator, strands); !connected) return connected;
    for (uint32_t member = 0; member < group.size(); ++member)
      for (const uint32_t index : group.tasks[member])
        draft.task(ranks[member], index).membership =
            static_cast<uint32_t>(strands[ranks[member]].memberships.size()) - 1;
  }
  flatten(strands, draft.schedule);
  return {};
}

}  // namespace railyard::schedule
