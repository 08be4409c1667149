// SPDX-License-Identifier: GPL-2.0-only
// Completion times against HPCC's simulator (alibaba-edu/High-Precision-Congestion-Control, commit 9f4be2a)
// in its DCQCN mode, with four of its own ways made equal to ours: the first cut at once and not an interval
// late, frames and link times to the byte, marks at enqueue, and marks echoed in a class of their own.
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include "tests/validation/fabric_run.h"
#include "tests/validation/row.h"
#include "tools/bench/case_traffic.h"
#include "traffic/protocol/congestion/dcqcn_settings.h"

namespace railyard {
namespace {

constexpr Bytes kMessage = {10'000'000};
constexpr SimTime kEnough = SimTime::milliseconds(100);

// HPCC's constants at 100 Gb/s.
ns3::RoceSettings hpcc_settings(uint64_t seed) {
  ns3::RoceSettings roce;
  roce.seed = seed;
  roce.nics.mtu = 1'000;
  roce.nics.nic_latency = {};
  roce.switches.pipeline_latency = {};
  roce.switches.pool_size = {32 << 20};
  roce.switches.pool_xoff = {};  // each port has its own headroom
  roce.switches.dynamic_th = -3;
  roce.switches.green_min_threshold = {100'000};
  roce.switches.green_max_threshold = {400'000};
  roce.switches.green_drop_probability = 20;
  DcqcnSettings& dcqcn = roce.congestion.get<DcqcnSettings>("dcqcn");
  dcqcn.dce_tcp_rtt = SimTime::microseconds(50);
  dcqcn.min_time_between_cnps = SimTime::microseconds(50);
  dcqcn.rpg_time_reset = SimTime::microseconds(55);
  dcqcn.rpg_threshold = 5;
  dcqcn.rpg_ai_rate = dcqcn.rpg_hai_rate = BitRate::megabits(40);
  dcqcn.rpg_byte_reset = {};
  dcqcn.rpg_min_rate = BitRate::megabits(100);
  dcqcn.clamp_tgt_rate = true;
  return roce;
}

// Of every flow, in milliseconds, in ascending order.
std::vector<double> completions(FabricRun& run) {
  run.run_until(kEnough);
  EXPECT_TRUE(run.complete());
  EXPECT_EQ(run.drops(), 0u);
  std::vector<double> ms;
  for (const FlowResult& flow : run.flows()) ms.push_back(flow.last_received.to_seconds() * 1e3);
  std::sort(ms.begin(), ms.end());
  return ms;
}

// The last completion of a 2:1 incast over 3 us links, of every seed, in milliseconds.
std::vector<double> two_to_one(MarkingPoint marking, uint64_t seeds) {
  std::vector<double> last;
  for (uint64_t seed = 1; seed <= seeds; ++seed) {
    ns3::RoceSettings roce = hpcc_settings(seed);
    roce.switches.ecn_marking_point = marking;
    FabricRun run(one_switch(3, BitRate::gigabits(100), SimTime::microseconds(3)), roce);
    for (uint32_t sender : {0, 1}) run.add_flow(sender, 2, kMessage);
    last.push_back(completions(run).back());
  }
  return last;
}

TEST(HpccComparison, TwoToOne) {
  constexpr double kReference = 5.774, kTolerance = 0.05;
  constexpr uint64_t kSeeds = 8;
  const auto print = [&](const char* marking, const std::vector<double>& last, bool matched) {
    const auto [fastest, slowest] = std::minmax_element(last.begin(), last.end());
    print_row(
        fmt::format("H1: 2:1, 10 MB each, 100G, 3 us links, DCQCN, marks at {}, {} seeds: last completion",
                    marking, kSeeds),
        matched ? fmt::format("{:.3f} ms", kReference) : "-",
        fmt::format("{:.3f}-{:.3f} ms", *fastest, *slowest),
        matched ? relative(*fastest, kReference) + " to " + relative(*slowest, kReference) : "-",
        matched ? "5 %" : "none");
  };
  const std::vector<double> at_enqueue = two_to_one(MarkingPoint::Enqueue, kSeeds);
  for (const double last : at_enqueue) EXPECT_NEAR(last, kReference, kTolerance * kReference);
  print("enqueue", at_enqueue, true);
  print("dequeue", two_to_one(MarkingPoint::Dequeue, kSeeds), false);
}

struct Spread {
  double least, most;  // over the seeds
};

Spread spread_of(const std::vector<double>& values) {
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  return {*least, *most};
}

void expect_within(const char* what, double reference, const Spread& ours) {
  constexpr double kWidened = 0.03;
  EXPECT_GE(reference, ours.least * (1 - kWidened)) << what;
  EXPECT_LE(reference, ours.most * (1 + kWidened)) << what;
  print_row(fmt::format("H2: W1 (k = 8, 128 x 10 MB, cross-pod permutation, 1 us links), DCQCN, 8 seeds: {} "
                        "completion",
                        what),
            fmt::format("{:.2f} ms", reference), fmt::format("{:.2f}-{:.2f} ms", ours.least, ours.most),
            relative(ours.least, reference) + " to " + relative(ours.most, reference),
            "within, widened by 3 %");
}

TEST(HpccComparison, W1) {
  constexpr double kMean = 9.62, kMedian = 11.38;
  constexpr uint32_t kHosts = 128, kPodHosts = 16;
  constexpr uint64_t kSeeds = 8, kPermutation = 1;
  const std::vector<uint32_t> destination = bench::cross_pod_permutation(kHosts, kPodHosts, kPermutation);
  FabricSettings fabric;
  fabric.kind = FabricKind::FatTree;
  fabric.k = 8;
  fabric.hosts_per_leaf = 0;
  fabric.link_delay = SimTime::microseconds(1);
  std::vector<double> means, medians;
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    FabricRun run(fabric, hpcc_settings(seed));
    for (uint32_t host = 0; host < kHosts; ++host) run.add_flow(host, destination[host], kMessage);
    const std::vector<double> ms = completions(run);
    means.push_back(std::accumulate(ms.begin(), ms.end(), 0.0) / static_cast<double>(ms.size()));
    medians.push_back((ms[ms.size() / 2 - 1] + ms[ms.size() / 2]) / 2);
  }
  expect_within("mean", kMean, spread_of(means));
  expect_within("median", kMedian, spread_of(medians));
}

}  // namespace
}  // namespace railyard
