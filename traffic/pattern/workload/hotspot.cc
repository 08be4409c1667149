// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/workload/hotspot.h"

#include <fmt/format.h>

#include "traffic/pattern/trace/rank_builder.h"
#include "traffic/pattern/workload/draws.h"
#include "traffic/pattern/workload/empty_trace.h"
#include "traffic/pattern/workload/workload_limits.h"

namespace railyard {
namespace {

uint32_t ranks_of(const HotspotSettings& settings) {
  return settings.ranks;
}

// Anybody but `self` of the first `n`, where there is somebody.
uint32_t other_than(uint32_t self, uint32_t n, workload::Draws& draws) {
  if (self >= n) return static_cast<uint32_t>(draws.below(n));
  const auto peer = static_cast<uint32_t>(draws.below(n - 1));
  return peer >= self ? peer + 1 : peer;
}

}  // namespace

tl::expected<trace::Trace, std::string> make_hotspot(const HotspotSettings& settings,
                                                     const WorkloadContext& context) {
  const uint32_t n = settings.ranks;
  if (n < 2) return tl::make_unexpected("hotspot: ranks must be at least 2");
  if (settings.bytes.n == 0) return tl::make_unexpected("hotspot: bytes must be at least 1");
  if (settings.hot_ranks == 0 || settings.hot_ranks > n)
    return tl::make_unexpected(
        fmt::format("hotspot: hot_ranks is {}; it must be from 1 to ranks, {}", settings.hot_ranks, n));
  trace::Trace trace = workload::empty_trace(
      "hotspot",
      fmt::format("hotspot ranks={} bytes={} messages={} hot_ranks={} hot_share={} seed={}", n,
                  format(settings.bytes), settings.messages, settings.hot_ranks, settings.hot_share,
                  context.seed),
      n);
  workload::Draws draws(context.seed, "hotspot of " + context.job);
  for (uint32_t r = 0; r < n; ++r) {
    trace::RankBuilder sender(*trace.mutable_ranks(static_cast<int>(r)));
    trace::RankBuilder::Indices after;
    // A hot rank that is the only one has nobody hot to send to.
    const bool has_hot_peer = settings.hot_ranks > 1 || r >= settings.hot_ranks;
    for (uint32_t i = 0; i < settings.messages; ++i) {
      const bool hot = draws.uniform() < settings.hot_share && has_hot_peer;
      const uint32_t peer = other_than(r, hot ? settings.hot_ranks : n, draws);
      after = {sender.send(peer, settings.bytes.n, 0, after)};
      trace::RankBuilder(*trace.mutable_ranks(static_cast<int>(peer))).receive(r, settings.bytes.n, 0);
    }
  }
  return trace;
}

const std::vector<Parameter<HotspotSettings>>& parameters_of(const HotspotSettings*) {
  using S = HotspotSettings;
  static const std::vector<Parameter<S>> rows = {
      {"ranks", &S::ranks, 2, workload::kMaxRanks, "Ranks; each sends", workload::kOurs},
      {"bytes", &S::bytes, 1, workload::kMaxMessage, "Size of each message", workload::kOurs},
      {"messages", &S::messages, 1, workload::kMaxRanks, "Messages of each rank, one after another",
       workload::kOurs},
      {"hot_ranks", &S::hot_ranks, 1, workload::kMaxRanks, "How many ranks, from the first, are hot",
       workload::kOurs},
      {"hot_share", &S::hot_share, 0, 1,
       "Share of the messages that goes to hot ranks; the others go to any rank, drawn from the run's seed",
       workload::kOurs},
  };
  return rows;
}

Workload hotspot_workload() {
  Workload row = workload_row<HotspotSettings, ranks_of, make_hotspot>(
      "hotspot", "Every rank sends to others, and a share of it to few");
  row.depends_on_seed = [](const std::any&) { return true; };
  return row;
}

}  // namespace railyard
