// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/workload/flow_mix.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "traffic/pattern/workload/draws.h"
#include "traffic/pattern/workload/flow_sizes.h"
#include "traffic/pattern/workload/workload_limits.h"

namespace railyard {
namespace {

using workload::Draws;
using workload::FlowSizes;
using workload::OpenLoopFlow;

constexpr double kMostFlows = 4'194'304;

tl::expected<FlowSizes, std::string> sizes_of(const FlowMixSettings& settings,
                                              const WorkloadContext& context) {
  if (const FlowSizes* named = workload::find_flow_sizes(settings.sizes)) return *named;
  return workload::read_text_table(context.folder / settings.sizes, workload::Separator::Blanks)
      .and_then(workload::read_flow_sizes);
}

// One size of each of `count` equal parts of the distribution, in random order.
std::vector<uint64_t> draw_sizes(const FlowSizes& sizes, size_t count, Draws draws) {
  std::vector<uint64_t> drawn(count);
  for (size_t i = 0; i < count; ++i) {
    const double percent = 100 * (static_cast<double>(i) + draws.uniform()) / static_cast<double>(count);
    drawn[i] = std::max<uint64_t>(1, static_cast<uint64_t>(sizes.at(percent) + 0.5));
  }
  for (size_t i = count; i > 1; --i) std::swap(drawn[i - 1], drawn[draws.below(i)]);
  return drawn;
}

std::vector<OpenLoopFlow> draw_flows(const FlowMixSettings& settings, const FlowSizes& sizes, size_t count,
                                     const WorkloadContext& context) {
  const std::vector<uint64_t> bytes = draw_sizes(sizes, count, {context.seed, "sizes of " + context.job});
  Draws times(context.seed, "arrivals of " + context.job), pairs(context.seed, "pairs of " + context.job);
  const double duration_ns = static_cast<double>(settings.duration.ps) / 1000;
  std::vector<OpenLoopFlow> flows(count);
  for (size_t i = 0; i < count; ++i) {
    OpenLoopFlow& flow = flows[i];
    flow.source = static_cast<uint32_t>(pairs.below(settings.ranks));
    const auto other = static_cast<uint32_t>(pairs.below(settings.ranks - 1));
    flow.destination = other >= flow.source ? other + 1 : other;
    flow.bytes = bytes[i];
    flow.start_ns = static_cast<uint64_t>(times.uniform() * duration_ns);
  }
  return flows;
}

uint32_t ranks_of(const FlowMixSettings& settings) {
  return settings.ranks;
}

}  // namespace

tl::expected<trace::Trace, std::string> make_flow_mix(const FlowMixSettings& settings,
                                                      const WorkloadContext& context) {
  if (settings.ranks < 2) return tl::make_unexpected("mix: ranks must be at least 2");
  const auto sizes = sizes_of(settings, context);
  if (!sizes) return tl::make_unexpected(sizes.error());
  const BitRate rate = settings.link_rate.bps != 0 ? settings.link_rate : context.link_rate;
  const double offered = settings.load * static_cast<double>(rate.bps) / 8 * settings.ranks *
                         settings.duration.to_seconds();  // bytes
  const double count = std::floor(offered / sizes->mean() + 0.5);
  if (count < 1)
    return tl::make_unexpected(
        fmt::format("mix: no flow arrives within {}; raise duration or load", format(settings.duration)));
  if (count > kMostFlows)
    return tl::make_unexpected(
        fmt::format("mix: {:.0f} flows would arrive within {}, more than {:.0f}; "
                    "lower duration, load or ranks",
                    count, format(settings.duration), kMostFlows));
  return workload::open_loop_trace(
      "mix",
      fmt::format("mix sizes={} load={} duration={} ranks={} link_rate={} flows={:.0f} seed={}",
                  settings.sizes, settings.load, format(settings.duration), settings.ranks, format(rate),
                  count, context.seed),
      settings.ranks, draw_flows(settings, *sizes, static_cast<size_t>(count), context),
      settings.queue_pairs);
}

const std::vector<Parameter<FlowMixSettings>>& parameters_of(const FlowMixSettings*) {
  using S = FlowMixSettings;
  constexpr double kLeastTime = 1e3, kMostLoad = 10;
  static const std::vector<Parameter<S>> rows = {
      {"sizes", &S::sizes, 0, 0,
       "Distribution of the flows' sizes: websearch, fbhdp (Facebook's Hadoop), alistorage, or a file of two "
       "columns, bytes and percent of flows that are no larger, from 0 to 100",
       "HPCC (Li et al., SIGCOMM 2019), traffic_gen"},
      {"load", &S::load, 0, kMostLoad,
       "Share of its link's rate that each rank offers on average, counted in payload", workload::kOurs},
      {"duration", &S::duration, kLeastTime, workload::kMaxTime, "How long flows arrive", workload::kOurs},
      {"ranks", &S::ranks, 2, workload::kMaxRanks, "Ranks; each sends to all others, by chance",
       workload::kOurs},
      {"link_rate", &S::link_rate, 0, kUnlimited,
       "Rate of each rank's link, of which load is a share; 0 means fabric.link_rate", workload::kOurs},
      {"queue_pairs",
       &S::queue_pairs,
       "each: every flow has a queue pair of its own. pair: flows from one rank to another share one and "
       "wait there for those before them",
       workload::kOurs,
       {"each", "pair"}},
  };
  return rows;
}

Workload flow_mix_workload() {
  Workload row = workload_row<FlowMixSettings, ranks_of, make_flow_mix>(
      "mix", "Flows of measured sizes that arrive at random, at a stated load, whatever else goes on");
  row.depends_on_seed = [](const std::any&) { return true; };
  row.files = [](std::any& settings) {
    auto& sizes = std::any_cast<FlowMixSettings&>(settings).sizes;
    return workload::find_flow_sizes(sizes) != nullptr ? std::vector<std::string*>()
                                                       : std::vector<std::string*>{&sizes};
  };
  return row;
}

}  // namespace railyard
