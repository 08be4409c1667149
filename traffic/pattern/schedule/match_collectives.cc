// SPDX-License-Identifier: BSD-3-Clause
// Pairs each member's n-th collective in a group with the others' n-th.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "traffic/pattern/collective/way.h"
#include "traffic/pattern/schedule/connect.h"
#include "traffic/pattern/schedule/draft.h"
#include "traffic/pattern/schedule/tree_lanes.h"
#include "traffic/pattern/trace/names.h"

namespace railyard::schedule {

std::optional<collective::Kind> kind_of(trace::CollectiveKind kind) {
  static_assert(trace::BARRIER == static_cast<int>(collective::Kind::Barrier) + 1);
  if (kind < trace::ALL_REDUCE || kind > trace::BARRIER) return std::nullopt;
  return static_cast<collective::Kind>(kind - 1);
}

namespace {

const CallList kNothing;

const CallList& list_of(const Draft& draft, const GroupDraft& group, uint32_t member) {
  const uint32_t list = group.lists[member];
  return list == kNone ? kNothing : draft.lists[list];
}

std::string place_in(const Draft& draft, const GroupDraft& group, uint32_t member, uint32_t nth) {
  const Program& program = draft.schedule.program_of(group.rank(member));
  return place_of(draft, group.rank(member), program.task_at(program.memberships[group.slots[member]], nth));
}

std::string describe(const ListedCall& call) {
  std::string text = fmt::format("{} of {} B", collective::name_of(*kind_of(call.kind)), call.bytes);
  if (trace::has_root(call.kind)) text += fmt::format(" with root {}", call.root);
  return text;
}

// Members' send buffers may differ only where the splits say to whom the bytes go.
bool agree(const ListedCall& a, const ListedCall& b, bool uneven) {
  if (a.kind != b.kind) return false;
  if (trace::has_root(a.kind) && a.root != b.root) return false;
  return a.bytes == b.bytes || uneven;
}

bool all_alike(const GroupDraft& group) {
  return std::all_of(group.lists.begin(), group.lists.end(),
                     [&](uint32_t list) { return list == group.lists.front(); });
}

// Of lists as long as this at least.
bool is_uneven(const Draft& draft, const GroupDraft& group, uint32_t nth) {
  const uint32_t distinct = all_alike(group) ? 1 : group.size();
  for (uint32_t member = 0; member < distinct; ++member)
    if (!list_of(draft, group, member)[nth].splits.empty()) return true;
  return false;
}

bool has_splits(const Draft& draft, const GroupDraft& group) {
  const auto uneven = [](const ListedCall& call) { return !call.splits.empty(); };
  for (uint32_t member = 0; member < group.size(); ++member) {
    const CallList& calls = list_of(draft, group, member);
    if (std::any_of(calls.begin(), calls.end(), uneven)) return true;
  }
  return false;
}

Checked check_agreement(const Draft& draft, const GroupDraft& group) {
  if (all_alike(group)) return {};
  uint32_t has = 0, lacks = 0;  // the first of the members with the longest, and with the shortest list
  for (uint32_t member = 1; member < group.size(); ++member) {
    const size_t listed = list_of(draft, group, member).size();
    if (listed > list_of(draft, group, has).size()) has = member;
    if (listed < list_of(draft, group, lacks).size()) lacks = member;
  }
  const auto longest = static_cast<uint32_t>(list_of(draft, group, has).size());
  const auto common = static_cast<uint32_t>(list_of(draft, group, lacks).size());
  for (uint32_t nth = 0; nth < common; ++nth) {
    const bool uneven = is_uneven(draft, group, nth);
    const ListedCall& first = list_of(draft, group, 0)[nth];
    for (uint32_t member = 1; member < group.size(); ++member) {
      const ListedCall& other = list_of(draft, group, member)[nth];
      if (agree(first, other, uneven)) continue;
      return tl::make_unexpected(
          fmt::format("collective {} of group '{}' differs between its members: {} is {}, {} is {}; list the "
                      "same collectives in "
                      "the same order on every member",
                      nth, group.group->name(), place_in(draft, group, 0, nth), describe(first),
                      place_in(draft, group, member, nth), describe(other)));
    }
  }
  if (longest == common) return {};
  return tl::make_unexpected(fmt::format(
      "{} is collective {} of group '{}', which rank {} has no part in: it lists {} of them, not "
      "{}; capture every rank "
      "over the same steps",
      place_in(draft, group, has, common), common, group.group->name(), group.rank(lacks), common, longest));
}

std::vector<uint64_t> split_matrix(const Draft& draft, const GroupDraft& group, uint32_t nth) {
  std::vector<uint64_t> splits;
  for (uint32_t source = 0; source < group.size(); ++source) {
    const ListedCall& call = list_of(draft, group, source)[nth];
    for (uint32_t destination = 0; destination < group.size(); ++destination) {
      splits.push_back(call.splits.empty() ? collective::part_of(call.bytes, group.size(), destination).bytes
                                           : call.splits[destination]);
    }
  }
  return splits;
}

// Where the operations of groups begin that list the same, as far as they may share them, and are to NCCL's
// cost model the same group.
using SharedEntries = std::map<std::tuple<uint32_t, uint32_t, uint32_t, uint32_t, uint32_t>, uint32_t>;

// By the custom algorithm where it carries such a collective; its splits must be even.
collective::Way way_of(const Draft& draft, const GroupDraft& group, uint32_t nth,
                       const collective::TunedGroup& tuned) {
  const ListedCall& first = list_of(draft, group, 0)[nth];
  const collective::Kind kind = *kind_of(first.kind);
  const collective::CustomAlgorithm* custom = draft.schedule.custom.get();
  if (custom != nullptr && custom->carries(kind, first.bytes, group.size()) && !is_uneven(draft, group, nth))
    return {&custom->row(), custom->protocol()};
  return collective::way_of(draft.options.collectives, kind, first.bytes, tuned);
}

Checked add_operations(Draft& draft, const GroupDraft& group, const collective::TunedGroup& tuned) {
  const CallList& calls = list_of(draft, group, 0);
  for (uint32_t nth = 0; nth < calls.size(); ++nth) {
    if (Checked checked = check_cancelled(draft); !checked) return checked;
    const ListedCall& first = calls[nth];
    const collective::Way way = way_of(draft, group, nth, tuned);
    Operation operation;
    operation.kind = collective::name_of(*kind_of(first.kind));
    operation.name = first.name.empty() ? operation.kind : first.name;
    operation.group_size = group.size();
    operation.algorithm = way.algorithm;
    operation.protocol = way.protocol;
    operation.most_rings = way.channels;
    operation.root = first.root;
    operation.bytes = first.bytes;
    if (is_uneven(draft, group, nth)) {
      const Checked taken = take_pairs(draft, uint64_t{group.size()} * group.size());
      if (!taken) return taken;
      operation.splits = split_matrix(draft, group, nth);
      operation.largest_split = *std::max_element(operation.splits.begin(), operation.splits.end());
      for (uint32_t member = 0; member < group.size(); ++member)
        operation.bytes = std::max(operation.bytes, list_of(draft, group, member)[nth].bytes);
    }
    if (way.algorithm->pieces != nullptr && way.algorithm->kind == collective::Kind::AllToAll) {
      const Bytes largest = draft.options.largest_message;
      if (operation.bytes > largest.n)
        return tl::make_unexpected(fmt::format(
            "{} is an all-to-all of {} B, and '{}' may put {} in a message at most; use pairwise",
            place_in(draft, group, 0, nth), operation.bytes, way.algorithm->name, format(largest)));
    }
    draft.schedule.operations.push_back(std::move(operation));
  }
  return {};
}

// The group's range of operations, whose entries it shares with groups that list the same.
Checked number_operations(Draft& draft, const GroupDraft& group, uint32_t communicator,
                          SharedEntries& shared) {
  Schedule& schedule = draft.schedule;
  const collective::TunedGroup tuned = tuned_group(draft, communicator);
  auto first = static_cast<uint32_t>(schedule.operations.size());
  bool add = true;
  // Uneven splits are in the lists of all members; in what else lists differ, the first one's counts.
  if (all_alike(group) || !has_splits(draft, group)) {
    const auto [entry, is_new] = shared.try_emplace(
        {group.lists[0], tuned.ranks, tuned.hosts, tuned.nics, tuned.channels_per_nic}, first);
    first = entry->second;
    add = is_new;
  }
  if (add)
    if (Checked added = add_operations(draft, group, tuned); !added) return added;
  schedule.communicators[communicator].operations =
      add_range(schedule, first, static_cast<uint32_t>(list_of(draft, group, 0).size()));
  return {};
}

}  // namespace

Checked match_collectives(Draft& draft) {
  RankStrands strands(draft.schedule.rank_count());
  SharedEntries shared;
  for (uint32_t g = 0; g < draft.groups.size(); ++g) {
    const GroupDraft& group = draft.groups[g];
    if (group.size() == 0) continue;
    if (Checked checked = check_cancelled(draft); !checked) return checked;
    if (Checked checked = check_agreement(draft, group); !checked) return checked;
    if (group.lists[0] == kNone) continue;
    const std::vector<uint32_t> ranks(group.group->ranks().begin(), group.group->ranks().end());
    const auto communicator = add_communicator(draft, group.group->name(), ranks);
    if (!communicator) return tl::make_unexpected(communicator.error());
    draft.group_of_communicator.push_back(g);
    if (Checked added = number_operations(draft, group, *communicator, shared); !added) return added;
    if (Checked added = add_tree_lanes(draft, ranks, *communicator, strands); !added) return added;
    if (Checked connected = connect_group(draft, ranks, *communicator, strands); !connected) return connected;
  }
  flatten(strands, draft.schedule);
  return {};
}

}  // namespace railyard::schedule
