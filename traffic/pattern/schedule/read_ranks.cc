// SPDX-License-Identifier: BSD-3-Clause
// Reads what each rank does, once: its program, and what it does in which group and on which channel.
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <numeric>

#include "traffic/pattern/schedule/draft.h"
#include "traffic/pattern/trace/names.h"

namespace railyard::schedule {
namespace {

std::string place_of(uint32_t rank, uint32_t index, const trace::Operation& operation) {
  return fmt::format("rank {}, operation {} '{}'", rank, index, operation.name());
}

Checked check_operation(uint32_t rank, uint32_t index, const trace::Operation& operation) {
  for (uint32_t distance : operation.after()) {
    if (distance == 0 || distance > index) {
      return tl::make_unexpected(fmt::format(
          "{} depends on the operation {} before it; dependencies must point back to an operation of "
          "the rank, 1 to {} before",
          place_of(rank, index, operation), distance, index));
    }
  }
  if (operation.what_case() == trace::Operation::WHAT_NOT_SET) {
    return tl::make_unexpected(fmt::format("{} does nothing; it must be compute, collective, send or receive",
                                           place_of(rank, index, operation)));
  }
  constexpr uint64_t kLongestNs = std::numeric_limits<int64_t>::max() / 1'000;
  if (operation.has_compute() && operation.compute().duration_ns() > kLongestNs) {
    return tl::make_unexpected(fmt::format("{} computes for {} ns; a time can be at most 106 days",
                                           place_of(rank, index, operation),
                                           operation.compute().duration_ns()));
  }
  return {};
}

// What one member's entry must satisfy by itself.
Checked check_collective(const Draft& draft, const GroupDraft& group, uint32_t rank, uint32_t index,
                         const trace::Operation& operation) {
  const trace::Collective& call = operation.collective();
  if (!kind_of(call.kind())) {
    return tl::make_unexpected(
        fmt::format("{} is a collective of no known kind; there are all_reduce, all_gather, reduce_scatter, "
                    "broadcast, all_to_all, reduce, gather, scatter, barrier",
                    place_of(rank, index, operation)));
  }
  if (trace::has_root(call.kind()) && call.root() >= group.size()) {
    return tl::make_unexpected(fmt::format("{} has root {}, but group '{}' has members 0 to {}",
                                           place_of(rank, index, operation), call.root(), group.group->name(),
                                           group.size() - 1));
  }
  if (call.split_bytes().empty()) {
    // All others go in slices.
    const bool in_blocks =
        call.kind() == trace::ALL_TO_ALL || call.kind() == trace::GATHER || call.kind() == trace::SCATTER;
    if (!in_blocks) return {};
    return check_message(draft, rank, index, collective::divide_up(call.bytes(), group.size()));
  }
  if (call.kind() != trace::ALL_TO_ALL) {
    return tl::make_unexpected(fmt::format("{} has splits, which only all_to_all takes; remove them",
                                           place_of(rank, index, operation)));
  }
  if (static_cast<uint32_t>(call.split_bytes_size()) != group.size()) {
    return tl::make_unexpected(fmt::format(
        "{} has {} splits, but group '{}' has {} members; give one a member",
        place_of(rank, index, operation), call.split_bytes_size(), group.group->name(), group.size()));
  }
  const uint64_t sum = std::accumulate(call.split_bytes().begin(), call.split_bytes().end(), uint64_t{0});
  if (sum != call.bytes()) {
    return tl::make_unexpected(
        fmt::format("{} has splits of {} B in all, but a send buffer of {} B; make them equal",
                    place_of(rank, index, operation), sum, call.bytes()));
  }
  return check_message(draft, rank, index,
                       *std::max_element(call.split_bytes().begin(), call.split_bytes().end()));
}

class RankReader {
 public:
  explicit RankReader(Draft& draft) : draft_(draft) {}

  Checked read(uint32_t rank) {
    rank_ = rank;
    from_ = &draft_.source.rank(rank, scratch_);
    program_ = Program{};
    edges_.clear();
    collectives_.clear();
    sends_.clear();
    receives_.clear();
    const auto count = static_cast<uint32_t>(from_->operations_size());
    program_.tasks.resize(count + 1);
    for (uint32_t index = 0; index < count; ++index)
      if (Checked added = add_task(index); !added) return added;
    for (const auto& [group, tasks] : collectives_) add_membership(group, tasks);
    for (const auto& [end, tasks] : sends_) {
      const auto [tag, peer] = end;
      const auto slot = static_cast<uint32_t>(program_.outgoing.size());
      draft_.sends.push_back({tag, rank, peer, list_of(tasks), slot});
      add_slot(program_.outgoing, tasks);
    }
    for (const auto& [end, tasks] : receives_) {
      const auto [tag, peer] = end;
      const auto slot = static_cast<uint32_t>(program_.incoming.size());
      draft_.receives.push_back({tag, peer, rank, list_of(tasks), slot});
      add_slot(program_.incoming, tasks);
    }
    connect();
    draft_.schedule.ranks[rank].program = draft_.programs.add(program_);
    return {};
  }

 private:
  using Tasks = std::vector<uint32_t>;

  const trace::Operation& operation(uint32_t index) const {
    return from_->operations(static_cast<int>(index));
  }

  Checked add_task(uint32_t index) {
    const trace::Operation& of = operation(index);
    if (Checked checked = check_operation(rank_, index, of); !checked) return checked;
    for (const uint32_t distance : of.after()) edges_.emplace_back(index - distance, index);
    Task& task = program_.tasks[index];
    switch (of.what_case()) {
      case trace::Operation::kCollective:
        task.kind = TaskKind::Collective;
        return take_part(index, of);
      case trace::Operation::kSend: {
        task.kind = TaskKind::Send;
        if (Checked checked = check_peer(index, of.send().peer()); !checked) return checked;
        sends_[{of.send().tag(), of.send().peer()}].push_back(index);
        return check_message(draft_, rank_, index, of.send().bytes());
      }
      case trace::Operation::kReceive:
        task.kind = TaskKind::Receive;
        receives_[{of.receive().tag(), of.receive().peer()}].push_back(index);
        return check_peer(index, of.receive().peer());
      default:
        task.duration = SimTime::nanoseconds(static_cast<int64_t>(of.compute().duration_ns()));
        return {};
    }
  }

  Checked take_part(uint32_t index, const trace::Operation& of) {
    const uint32_t id = of.collective().group();
    if (id >= draft_.groups.size()) {
      return tl::make_unexpected(fmt::format("{} is in group {}, but the trace's header lists {} groups",
                                             place_of(rank_, index, of), id, draft_.groups.size()));
    }
    const GroupDraft& group = draft_.groups[id];
    Tasks& tasks = collectives_[id];
    if (tasks.empty() && group.member_of_rank.count(rank_) == 0) {
      return tl::make_unexpected(
          fmt::format("{} is in group '{}', of which its rank is no member; add it to the "
                      "group's ranks",
                      place_of(rank_, index, of), group.group->name()));
    }
    if (!tasks.empty()) edges_.emplace_back(tasks.back(), index);
    tasks.push_back(index);
    return check_collective(draft_, group, rank_, index, of);
  }

  Checked check_peer(uint32_t index, uint32_t peer) const {
    if (peer == rank_) {
      return tl::make_unexpected(
          fmt::format("{} has its own rank as peer; remove it, a rank does not send to itself",
                      place_of(rank_, index, operation(index))));
    }
    const uint32_t count = draft_.source.header().rank_count();
    if (peer < count) return {};
    return tl::make_unexpected(
        fmt::format("{} has peer {}, but the trace has ranks 0 to {}; import every rank",
                    place_of(rank_, index, operation(index)), peer, count - 1));
  }

  void add_membership(uint32_t id, const Tasks& tasks) {
    GroupDraft& group = draft_.groups[id];
    const uint32_t member = group.member_of_rank.at(rank_);
    group.lists[member] = list_of(tasks);
    group.slots[member] = static_cast<uint32_t>(program_.memberships.size());
    add_slot(program_.memberships, tasks);
  }

  uint32_t list_of(const Tasks& tasks) {
    list_.resize(tasks.size());
    for (size_t i = 0; i < tasks.size(); ++i) {
      const trace::Operation& of = operation(tasks[i]);
      const trace::Collective& call = of.collective();  // empty where it is none
      ListedCall& listed = list_[i];
      listed.kind = call.kind();
      listed.root = call.root();
      listed.splits.assign(call.split_bytes().begin(), call.split_bytes().end());
      listed.bytes = of.has_send()      ? of.send().bytes()
                     : of.has_receive() ? of.receive().bytes()
                                        : call.bytes();
      if (of.has_receive())
        listed.name.clear();  // a message is called as its sender calls it
      else
        listed.name = of.name();
    }
    return draft_.lists.add(list_);
  }

  void add_slot(std::vector<Program::Slot>& slots, const Tasks& tasks) {
    for (uint32_t ordinal = 0; ordinal < tasks.size(); ++ordinal) {
      program_.tasks[tasks[ordinal]].slot = static_cast<uint32_t>(slots.size());
      program_.tasks[tasks[ordinal]].ordinal = ordinal;
    }
    slots.push_back({static_cast<uint32_t>(program_.in_order.size()), static_cast<uint32_t>(tasks.size())});
    program_.in_order.insert(program_.in_order.end(), tasks.begin(), tasks.end());
  }

  void connect() {
    std::sort(edges_.begin(), edges_.end());
    edges_.erase(std::unique(edges_.begin(), edges_.end()), edges_.end());
    const uint32_t count = program_.task_count();
    waits_for_.assign(count, 0);
    auto edge = edges_.begin();
    for (uint32_t index = 0; index < count; ++index) {
      program_.tasks[index].first_dependent = static_cast<uint32_t>(program_.dependents.size());
      for (; edge != edges_.end() && edge->first == index; ++edge) {
        program_.dependents.push_back(edge->second);
        ++waits_for_[edge->second];
      }
    }
    program_.tasks.back().first_dependent = static_cast<uint32_t>(program_.dependents.size());
    for (uint32_t index = 0; index < count; ++index) {
      if (waits_for_[index] == 0) program_.first_tasks.push_back(index);
      if (waits_for_[index] < 2) continue;
      program_.tasks[index].counter = static_cast<uint32_t>(program_.counters.size());
      program_.counters.push_back(waits_for_[index]);
    }
  }

  Draft& draft_;
  trace::Rank scratch_;
  uint32_t rank_ = 0;
  const trace::Rank* from_ = nullptr;
  Program program_;
  CallList list_;
  std::vector<std::pair<uint32_t, uint32_t>> edges_;                 // task, and one that waits for its end
  Tasks waits_for_;                                                  // by task: for how many others
  std::map<uint32_t, Tasks> collectives_;                            // by group
  std::map<std::pair<uint32_t, uint32_t>, Tasks> sends_, receives_;  // by tag and peer
};

Checked check_group(const Draft& draft, const trace::Group& group) {
  std::vector<uint32_t> ranks(group.ranks().begin(), group.ranks().end());
  std::sort(ranks.begin(), ranks.end());
  const auto twice = std::adjacent_find(ranks.begin(), ranks.end());
  if (twice != ranks.end()) {
    return tl::make_unexpected(fmt::format("group '{}' lists rank {} twice", group.name(), *twice));
  }
  const uint32_t count = draft.source.header().rank_count();
  if (!ranks.empty() && ranks.back() >= count) {
    return tl::make_unexpected(
        fmt::format("group '{}' lists rank {}, but the trace has ranks 0 to {}; import every rank",
                    group.name(), ranks.back(), count - 1));
  }
  return {};
}

}  // namespace

Checked make_groups(Draft& draft) {
  for (const trace::Group& group : draft.source.header().groups()) {
    if (Checked checked = check_group(draft, group); !checked) return checked;
    GroupDraft& added = draft.groups.emplace_back();
    added.group = &group;
    added.lists.assign(added.size(), kNone);
    added.slots.assign(added.size(), kNone);
    for (uint32_t member = 0; member < added.size(); ++member)
      added.member_of_rank.emplace(added.rank(member), member);
  }
  return {};
}

Checked read_ranks(Draft& draft) {
  const uint32_t count = draft.source.header().rank_count();
  draft.schedule.ranks.resize(count);
  RankReader reader(draft);
  bool empty = true;
  for (uint32_t rank = 0; rank < count; ++rank) {
    if (Checked checked = check_cancelled(draft); !checked) return checked;
    if (Checked read = reader.read(rank); !read) return read;
    empty &= draft.programs[draft.schedule.ranks[rank].program].task_count() == 0;
  }
  if (empty) return tl::make_unexpected(std::string("the trace is empty: no rank has an operation"));
  draft.schedule.programs = draft.programs.take();
  return {};
}

}  // namespace railyard::schedule
