// SPDX-License-Identifier: GPL-2.0-only
// Equal-cost hashing is balls into bins: flows on the fullest link over the mean.
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "tests/validation/fabric_run.h"
#include "tests/validation/row.h"

namespace railyard {
namespace {

struct Balls {
  uint32_t links, flows;
  double maximum_over_mean;  // expected: P(max <= k) = m! / n^m [x^m] (sum of x^i / i! to i = k)^n
  uint64_t seeds;
};

// Sends one packet a flow from hosts of the first leaf to hosts of the second, and counts them by uplink.
double measure(const Balls& balls, uint64_t seed) {
  constexpr uint32_t kHosts = 4;  // a leaf
  FabricSettings fabric;
  fabric.leaves = 2;
  fabric.spines = balls.links;
  fabric.hosts_per_leaf = kHosts;
  ns3::RoceSettings roce;
  roce.seed = seed;
  FabricRun run(fabric, roce);
  for (uint32_t flow = 0; flow < balls.flows; ++flow)
    run.add_flow(flow % kHosts, kHosts + flow / kHosts % kHosts, Bytes{64});
  run.run_until(SimTime::milliseconds(10));
  EXPECT_TRUE(run.complete());

  const FabricPlan& plan = run.plan();
  const uint32_t leaf = plan.host_count;
  uint64_t fullest = 0, sum = 0;
  for (const FabricLink& link : plan.links) {
    for (const FabricPort& end : {link.a, link.b}) {
      const FabricPort& other = end.node == link.a.node ? link.b : link.a;
      if (end.node != leaf || other.node < plan.host_count) continue;
      const uint64_t packets = run.port(end.node, end.port).sent.tx_data_packets;
      fullest = std::max(fullest, packets);
      sum += packets;
    }
  }
  EXPECT_EQ(sum, balls.flows);
  return static_cast<double>(fullest) * balls.links / static_cast<double>(sum);
}

class Ecmp : public testing::TestWithParam<Balls> {};

TEST_P(Ecmp, SpreadsFlowsLikeBallsOverBins) {
  const Balls& balls = GetParam();
  double mean = 0;
  for (uint64_t seed = 1; seed <= balls.seeds; ++seed)
    mean += measure(balls, seed) / static_cast<double>(balls.seeds);
  print_row(fmt::format("E1: {} flows on {} links, {} seeds: fullest over mean", balls.flows, balls.links,
                        balls.seeds),
            fmt::format("{:.3f}", balls.maximum_over_mean), fmt::format("{:.3f}", mean),
            relative(mean, balls.maximum_over_mean), "3 %");
  EXPECT_NEAR(mean, balls.maximum_over_mean, 0.03 * balls.maximum_over_mean);
}

INSTANTIATE_TEST_SUITE_P(Links, Ecmp,
                         testing::Values(Balls{16, 1'000, 1.2296, 100}, Balls{16, 64, 1.97, 400},
                                         Balls{16, 16, 3.078, 600}, Balls{8, 8, 2.597, 600},
                                         Balls{4, 4, 2.125, 600}));

// If two tiers hashed alike, the spines under one core uplink would never use the others: in a fat-tree with
// k = 8 every flow to another pod chooses one of 4 spines, then one of 4 cores of that spine.
TEST(EcmpTiers, ChooseIndependently) {
  constexpr uint32_t kFlows = 1'000, kCores = 16;
  constexpr uint64_t kSeeds = 50;
  constexpr double kReference = 1.2296;  // as of 16 links
  double mean = 0;
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    FabricSettings fabric;
    fabric.kind = FabricKind::FatTree;
    fabric.k = 8;
    fabric.hosts_per_leaf = 0;
    ns3::RoceSettings roce;
    roce.seed = seed;
    FabricRun run(fabric, roce);
    const uint32_t hosts = run.plan().host_count;
    for (uint32_t flow = 0; flow < kFlows; ++flow) run.add_flow(flow % 4, hosts / 2 + flow % 16, Bytes{64});
    run.run_until(SimTime::milliseconds(10));
    uint64_t fullest = 0, sum = 0;
    for (uint32_t node = hosts; node < run.plan().nodes.size(); ++node) {
      if (run.plan().nodes[node].tier != FabricTier::Core) continue;
      uint64_t packets = 0;
      for (uint32_t port = 0; port < run.plan().nodes[node].port_count; ++port)
        packets += run.port(node, port).sent.tx_data_packets;
      fullest = std::max(fullest, packets);
      sum += packets;
    }
    ASSERT_EQ(sum, kFlows);
    mean += static_cast<double>(fullest) * kCores / kFlows / kSeeds;
  }
  print_row(fmt::format("E1: {} flows over the {} cores of a fat-tree", kFlows, kCores),
            fmt::format("{:.3f}", kReference), fmt::format("{:.3f}", mean), relative(mean, kReference),
            "3 %");
  EXPECT_NEAR(mean, kReference, 0.03 * kReference);
}

}  // namespace
}  // namespace railyard
