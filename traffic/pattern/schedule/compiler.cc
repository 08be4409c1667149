// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/schedule/compiler.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "traffic/pattern/schedule/draft.h"

namespace railyard::schedule {
namespace {

Checked check_group(const Draft& draft, const trace::Group& group) {
  std::vector<uint32_t> ranks(group.ranks().begin(), group.ranks().end());
  std::sort(ranks.begin(), ranks.end());
  const auto twice = std::adjacent_find(ranks.begin(), ranks.end());
  if (twice != ranks.end()) {
    return tl::make_unexpected(fmt::format("group '{}' lists rank {} twice", group.name(), *twice));
  }
  if (!ranks.empty() && ranks.back() >= draft.ranks.size()) {
    return tl::make_unexpected(
        fmt::format("group '{}' lists rank {}, but the trace has ranks 0 to {}; import every rank",
                    group.name(), ranks.back(), draft.ranks.size() - 1));
  }
  return {};
}

Checked check_operation(const Draft& draft, uint32_t rank, uint32_t index) {
  const trace::Operation& operation = draft.operation(rank, index);
  for (uint32_t distance : operation.after()) {
    if (distance == 0 || distance > index) {
      return tl::make_unexpected(fmt::format(
          "{} depends on the operation {} before it; dependencies must point back to an operation of "
          "the rank, 1 to {} before",
          place_of(draft, rank, index), distance, index));
    }
  }
  if (operation.what_case() == trace::Operation::WHAT_NOT_SET) {
    return tl::make_unexpected(fmt::format("{} does nothing; it must be compute, collective, send or receive",
                                           place_of(draft, rank, index)));
  }
  constexpr uint64_t kLongestNs = std::numeric_limits<int64_t>::max() / 1'000;
  if (operation.has_compute() && operation.compute().duration_ns() > kLongestNs) {
    return tl::make_unexpected(fmt::format("{} computes for {} ns; a time can be at most 106 days",
                                           place_of(draft, rank, index), operation.compute().duration_ns()));
  }
  return {};
}

Task task_of(const trace::Operation& operation) {
  Task task;
  switch (operation.what_case()) {
    case trace::Operation::kCompute:
      task.kind = TaskKind::Compute;
      task.duration = SimTime::nanoseconds(static_cast<int64_t>(operation.compute().duration_ns()));
      break;
    case trace::Operation::kCollective:
      task.kind = TaskKind::Collective;
      break;
    case trace::Operation::kSend:
      task.kind = TaskKind::Send;
      break;
    case trace::Operation::kReceive:
      task.kind = TaskKind::Receive;
      break;
    case trace::Operation::WHAT_NOT_SET:
      break;
  }
  return task;
}

}  // namespace

std::string place_of(const Draft& draft, uint32_t rank, uint32_t index) {
  return fmt::format("rank {}, operation {} '{}'", rank, index, draft.operation(rank, index).name());
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
  channel.src_slot = schedule.ranks[channel.src_rank].outgoing_count++;
  channel.dst_slot = schedule.ranks[channel.dst_rank].incoming_count++;
  schedule.channels.push_back(channel);
  return static_cast<uint32_t>(schedule.channels.size() - 1);
}

Checked check_shape(Draft& draft) {
  const trace::Trace& trace = draft.trace;
  const uint32_t count = trace.header().rank_count();
  draft.ranks.assign(count, nullptr);
  bool empty = true;
  for (const trace::Rank& rank : trace.ranks()) {
    if (rank.rank() >= count) {
      return tl::make_unexpected(
          fmt::format("the trace has a rank {}, but its header says {} ranks", rank.rank(), count));
    }
    if (draft.ranks[rank.rank()] != nullptr) {
      return tl::make_unexpected(fmt::format("the trace has rank {} twice", rank.rank()));
    }
    draft.ranks[rank.rank()] = &rank;
    empty &= rank.operations().empty();
  }
  if (empty) return tl::make_unexpected(std::string("the trace is empty: no rank has an operation"));
  for (uint32_t rank = 0; rank < count; ++rank) {
    if (draft.ranks[rank] == nullptr) {
      return tl::make_unexpected(
          fmt::format("rank {} of {} is missing in the trace; import every rank's file", rank, count));
    }
  }
  for (const trace::Group& group : trace.header().groups()) {
    if (Checked checked = check_group(draft, group); !checked) return checked;
  }
  for (uint32_t rank = 0; rank < count; ++rank) {
    if (Checked checked = check_cancelled(draft); !checked) return checked;
    for (int i = 0; i < draft.ranks[rank]->operations_size(); ++i) {
      if (Checked checked = check_operation(draft, rank, static_cast<uint32_t>(i)); !checked) return checked;
    }
  }
  return {};
}

Checked lay_out_tasks(Draft& draft) {
  Schedule& schedule = draft.schedule;
  schedule.ranks.resize(draft.ranks.size());
  draft.dependencies.resize(draft.ranks.size());
  for (uint32_t rank = 0; rank < draft.ranks.size(); ++rank) {
    if (Checked checked = check_cancelled(draft); !checked) return checked;
    const auto& operations = draft.ranks[rank]->operations();
    schedule.ranks[rank].first_task = static_cast<uint32_t>(schedule.tasks.size());
    schedule.ranks[rank].task_count = static_cast<uint32_t>(operations.size());
    for (uint32_t index = 0; index < schedule.ranks[rank].task_count; ++index) {
      const trace::Operation& operation = draft.operation(rank, index);
      schedule.tasks.push_back(task_of(operation));
      for (uint32_t distance : operation.after()) {
        draft.dependencies[rank].emplace_back(index - distance, index);
      }
    }
  }
  schedule.tasks.emplace_back();
  return {};
}

void connect_tasks(Draft& draft) {
  Schedule& schedule = draft.schedule;
  for (uint32_t rank = 0; rank < draft.ranks.size(); ++rank) {
    auto& edges = draft.dependencies[rank];
    std::sort(edges.begin(), edges.end());
    edges.erase(std::unique(edges.begin(), edges.end()), edges.end());
    auto edge = edges.begin();
    for (uint32_t index = 0; index < schedule.ranks[rank].task_count; ++index) {
      draft.task(rank, index).first_dependent = static_cast<uint32_t>(schedule.dependents.size());
      for (; edge != edges.end() && edge->first == index; ++edge) {
        schedule.dependents.push_back(edge->second);
        ++draft.task(rank, edge->second).dependency_count;
      }
    }
  }
  schedule.tasks.back().first_dependent = static_cast<uint32_t>(schedule.dependents.size());
}

tl::expected<Schedule, std::string> compile(const trace::Trace& trace, const CompileOptions& options) {
  Draft draft{trace, options};
  draft.schedule.name = trace.header().name();
  draft.schedule.launch_latency = options.collectives.launch_latency;
  draft.schedule.split_data = options.collectives.split_data;
  draft.schedule.queue_pairs = options.collectives.queue_pairs;
  for (auto pass : {check_shape, lay_out_tasks, match_collectives, match_messages}) {
    if (Checked checked = pass(draft); !checked) return tl::make_unexpected(checked.error());
  }
  connect_tasks(draft);
  if (Checked checked = check_cancelled(draft); !checked) return tl::make_unexpected(checked.error());
  if (Checked checked = check_progress(draft); !checked) return tl::make_unexpected(checked.error());
  return std::move(draft.schedule);
}

}  // namespace railyard::schedule
