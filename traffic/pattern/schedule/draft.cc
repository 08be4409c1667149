// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/schedule/draft.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <string_view>
#include <tuple>

namespace railyard::schedule {
namespace {

auto fields_of(const Task& t) {
  return std::make_tuple(t.kind, t.counter, t.first_dependent, t.slot, t.ordinal, t.duration.ps);
}

bool same_task(const Task& a, const Task& b) {
  return fields_of(a) == fields_of(b);
}

bool same_slots(const std::vector<Program::Slot>& a, const std::vector<Program::Slot>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](Program::Slot x, Program::Slot y) {
    return x.first == y.first && x.count == y.count;
  });
}

}  // namespace

bool operator==(const ListedCall& a, const ListedCall& b) {
  return a.kind == b.kind && a.bytes == b.bytes && a.root == b.root && a.name == b.name &&
         a.splits == b.splits;
}

uint64_t hash_of(const CallList& list) {
  uint64_t hash = list.size();
  for (const ListedCall& call : list) {
    hash = mix(hash, std::hash<std::string_view>{}(call.name));
    hash = mix(hash, call.bytes);
    hash = mix(hash, uint64_t{call.root} << 8 | static_cast<uint64_t>(call.kind));
    for (const uint64_t bytes : call.splits) hash = mix(hash, bytes);
  }
  return hash;
}

bool operator==(const Program& a, const Program& b) {
  return std::equal(a.tasks.begin(), a.tasks.end(), b.tasks.begin(), b.tasks.end(), same_task) &&
         a.dependents == b.dependents && same_slots(a.memberships, b.memberships) &&
         same_slots(a.outgoing, b.outgoing) && same_slots(a.incoming, b.incoming) && a.in_order == b.in_order;
}

uint64_t hash_of(const Program& program) {
  uint64_t hash = program.tasks.size();
  for (const Task& task : program.tasks) {
    hash = mix(hash, uint64_t{task.first_dependent} << 8 | static_cast<uint64_t>(task.kind));
    hash = mix(hash, uint64_t{task.slot} << 32 | task.ordinal);
    hash = mix(hash, static_cast<uint64_t>(task.duration.ps));
  }
  for (const uint32_t dependent : program.dependents) hash = mix(hash, dependent);
  return hash;
}

RankLocation location_of(const Draft& draft, uint32_t rank) {
  const uint32_t ranks = draft.schedule.rank_count();
  return rank < ranks ? (*draft.options.placement)[rank] : draft.schedule.reducers[rank - ranks];
}

std::string place_of(const Draft& draft, uint32_t rank, uint32_t index) {
  trace::Rank scratch;
  const trace::Rank& of = draft.source.rank(rank, scratch);
  return fmt::format("rank {}, operation {} '{}'", rank, index,
                     of.operations(static_cast<int>(index)).name());
}

Checked check_message(const Draft& draft, uint32_t rank, uint32_t index, uint64_t bytes) {
  const Bytes largest = draft.options.largest_message;
  if (bytes <= largest.n) return {};
  return tl::make_unexpected(fmt::format("{} sends a message of {} B; one can have at most {}, send several",
                                         place_of(draft, rank, index), bytes, format(largest)));
}

Checked take_pairs(Draft& draft, uint64_t count) {
  const uint64_t most = draft.options.most_pairs;
  if (count > most - draft.pairs)
    return tl::make_unexpected(fmt::format(
        "there is room for {} pairs of ranks that talk to each other, counted by group, and this has more; "
        "use fewer ranks, or smaller groups for all-to-all",
        most));
  draft.pairs += count;
  return {};
}

Checked check_cancelled(const Draft& draft) {
  if (draft.options.cancelled == nullptr || !*draft.options.cancelled) return {};
  return tl::make_unexpected(std::string("it was cancelled"));
}

uint32_t add_channel(Schedule& schedule, Channel channel) {
  if (channel.dst_strand != kNone) channel.dst_slot = schedule.ranks[channel.dst_rank].incoming_of_groups++;
  const uint32_t number = schedule.channel_count();
  schedule.channels.push_back(channel);
  return number;
}

uint32_t add_range(Schedule& schedule, uint32_t first_entry, uint32_t count) {
  schedule.ranges.push_back({schedule.operation_count(), count, first_entry});
  return static_cast<uint32_t>(schedule.ranges.size() - 1);
}

}  // namespace railyard::schedule
