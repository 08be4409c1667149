// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/workload/single_collective.h"

#include <fmt/format.h>

#include <array>
#include <string_view>

#include "traffic/pattern/trace/names.h"
#include "traffic/pattern/trace/rank_builder.h"
#include "traffic/pattern/workload/empty_trace.h"
#include "traffic/pattern/workload/workload_limits.h"

namespace railyard {
namespace {

constexpr std::array<std::string_view, 9> kKindNames = {"all-reduce", "all-gather", "reduce-scatter",
                                                        "broadcast",  "all-to-all", "reduce",
                                                        "gather",     "scatter",    "barrier"};

uint32_t ranks_of(const SingleCollectiveSettings& settings) {
  return settings.ranks;
}

tl::expected<trace::Trace, std::string> made(const SingleCollectiveSettings& settings,
                                             const WorkloadContext&) {
  return make_single_collective(settings);
}

}  // namespace

tl::expected<trace::Trace, std::string> make_single_collective(const SingleCollectiveSettings& settings) {
  const auto kind =
      static_cast<trace::CollectiveKind>(settings.kind + 1);  // the schema keeps 0 for "unspecified"
  if (settings.kind >= kKindNames.size())
    return tl::make_unexpected(fmt::format("collective: kind {} does not exist", settings.kind));
  if (settings.ranks < 2) return tl::make_unexpected("collective: ranks must be at least 2");
  if (settings.bytes.n == 0) return tl::make_unexpected("collective: bytes must be at least 1");
  const std::string name(trace::name_of(kind));
  trace::Trace trace =
      workload::empty_trace(name,
                            fmt::format("collective kind={} ranks={} bytes={} iterations={}", name,
                                        settings.ranks, format(settings.bytes), settings.iterations),
                            settings.ranks);
  const uint32_t group = workload::add_world_group(trace, "world");
  for (trace::Rank& rank : *trace.mutable_ranks()) {
    trace::RankBuilder builder(rank);
    trace::RankBuilder::Indices after;
    for (uint32_t i = 0; i < settings.iterations; ++i) {
      const uint64_t bytes = kind == trace::BARRIER ? 0 : settings.bytes.n;
      after = {builder.collective(name, kind, group, bytes, after)};
    }
  }
  return trace;
}

const std::vector<Parameter<SingleCollectiveSettings>>& parameters_of(const SingleCollectiveSettings*) {
  using S = SingleCollectiveSettings;
  static const std::vector<Parameter<S>> rows = {
      {"kind",
       &S::kind,
       0,
       static_cast<double>(kKindNames.size() - 1),
       "Which collective",
       "nccl-tests: one program each, but for the barrier",
       {kKindNames.begin(), kKindNames.end()}},
      {"ranks", &S::ranks, 2, workload::kMaxRanks, "Ranks that take part", workload::kOurs},
      {"bytes", &S::bytes, 1, workload::kMaxBuffer,
       "Size as nccl-tests counts it: the buffer of all-reduce, broadcast and reduce, the output of "
       "all-gather, the input of reduce-scatter, the send buffer of all-to-all, what the root gathers or "
       "scatters; a barrier has none",
       "nccl-tests: -b, all_reduce_perf's usual size"},
      {"iterations", &S::iterations, 1, workload::kMaxRanks, "How often, one after another", workload::kOurs},
  };
  return rows;
}

Workload single_collective_workload() {
  return workload_row<SingleCollectiveSettings, ranks_of, made>(
      "collective", "One collective over all ranks, again and again");
}

}  // namespace railyard
