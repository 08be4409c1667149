// SPDX-License-Identifier: BSD-3-Clause
#include <set>

#include <gmock/gmock.h>

#include "tests/unit/fabric/fabric_test_plans.h"

namespace railyard {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class FatTreeCounts : public ::testing::TestWithParam<uint32_t> {};

TEST_P(FatTreeCounts, AreThoseOfThePaper) {
  const uint32_t k = GetParam();
  const FabricPlan plan = must_build(fat_tree(k));
  EXPECT_EQ(plan.host_count, k * k * k / 4);
  EXPECT_EQ(plan.nodes.size() - plan.host_count, 5 * k * k / 4);
  EXPECT_EQ(count_tier(plan, FabricTier::Leaf), k * k / 2);
  EXPECT_EQ(count_tier(plan, FabricTier::Spine), k * k / 2);
  EXPECT_EQ(count_tier(plan, FabricTier::Core), k * k / 4);
  EXPECT_EQ(plan.links.size(), 3 * k * k * k / 4);
  for (uint32_t node = plan.host_count; node < plan.nodes.size(); ++node)
    EXPECT_EQ(plan.nodes[node].port_count, k);
}

INSTANTIATE_TEST_SUITE_P(K, FatTreeCounts, ::testing::Values(2, 4, 8, 10, 16));

// Each port has exactly one link, and each link joins a lower tier to a higher one.
void expect_sound_wiring(const FabricPlan& plan) {
  std::set<std::pair<uint32_t, uint32_t>> used;
  for (const FabricLink& link : plan.links) {
    for (const FabricPort& end : {link.a, link.b}) {
      ASSERT_LT(end.node, plan.nodes.size());
      EXPECT_LT(end.port, plan.nodes[end.node].port_count) << plan.nodes[end.node].name;
      EXPECT_TRUE(used.insert({end.node, end.port}).second) << plan.nodes[end.node].name;
    }
    EXPECT_LT(plan.nodes[link.a.node].tier, plan.nodes[link.b.node].tier);
  }
  size_t ports = 0;
  for (const FabricNode& node : plan.nodes) ports += node.port_count;
  EXPECT_EQ(used.size(), ports);
}

TEST(FabricWiring, UsesEachPortOnce) {
  expect_sound_wiring(must_build(fat_tree(8)));
  expect_sound_wiring(must_build(fat_tree(4, 8)));
  expect_sound_wiring(must_build(leaf_spine(1, 0, 16)));
  FabricSettings parallel = leaf_spine(3, 2, 4);
  parallel.leaf_spine_links = 4;
  parallel.nics_per_host = 2;
  expect_sound_wiring(must_build(parallel));
  expect_sound_wiring(must_build(rails(8, 2, 4, 4)));
}

TEST(FabricWiring, NumbersHostsPodByPodAndLeafByLeaf) {
  const FabricPlan plan = must_build(fat_tree(8));
  for (uint32_t host = 0; host < plan.host_count; ++host) {
    EXPECT_EQ(plan.links[host].a.node, host);
    EXPECT_EQ(plan.links[host].b.node, plan.host_count + host / 4);
    EXPECT_EQ(plan.links[host].b.port, host % 4);
  }
  EXPECT_EQ(plan.nodes[5].name, "host5");
  EXPECT_EQ(plan.nodes[128].name, "leaf0");
  EXPECT_EQ(plan.nodes[128 + 32].name, "spine0");
  EXPECT_EQ(plan.nodes.back().name, "core15");
}

TEST(FabricWiring, GivesLinksTheirRates) {
  FabricSettings settings = leaf_spine(2, 2, 4);
  settings.link_rate = BitRate::gigabits(100);
  settings.uplink_rate = BitRate::gigabits(400);
  settings.link_delay = SimTime::nanoseconds(250);
  const FabricPlan plan = must_build(settings);
  for (const FabricLink& link : plan.links) {
    const bool host = plan.nodes[link.a.node].tier == FabricTier::Host;
    EXPECT_EQ(link.rate, host ? settings.link_rate : settings.uplink_rate);
    EXPECT_EQ(link.propagation, settings.link_delay);
  }
}

TEST(FabricWiring, PutsNicROnRailR) {
  const FabricPlan plan = must_build(rails(4, 2, 2, 3));
  ASSERT_EQ(plan.host_count, 6u);
  ASSERT_EQ(plan.endpoint_count(), 24u);
  EXPECT_EQ(count_tier(plan, FabricTier::Leaf), 8u);
  for (const FabricLink& link : plan.links) {
    if (plan.nodes[link.a.node].tier == FabricTier::Host) {
      const uint32_t rail = link.a.port;
      const uint32_t leaf = link.b.node - plan.host_count;
      EXPECT_EQ(leaf, rail * 2 + link.a.node / 3);
    }
  }
}

TEST(DescribeFabric, SaysShapeAndOversubscription) {
  const auto describe = [](const FabricSettings& s) { return describe_fabric(s, must_build(s)); };
  EXPECT_EQ(describe(fat_tree(8)), "k=8 fat-tree: 128 hosts, 80 switches, 1:1");
  EXPECT_EQ(describe(fat_tree(4, 8)), "k=4 fat-tree: 64 hosts, 20 switches, 4:1");
  EXPECT_EQ(describe(leaf_spine(1, 0, 16)), "single switch: 16 hosts");
  EXPECT_EQ(describe(leaf_spine(4, 2, 5)), "4x2 leaf-spine: 20 hosts, 6 switches, 2.5:1");
  FabricSettings fast = leaf_spine(4, 2, 8);
  fast.uplink_rate = BitRate::gigabits(400);
  EXPECT_EQ(describe(fast), "4x2 leaf-spine: 32 hosts, 6 switches, 1:1");
  EXPECT_EQ(describe(rails(8, 1, 4, 16)), "8-rail: 16 hosts of 8 NICs, 12 switches, 4:1");
}

std::string error_of(const FabricSettings& settings) {
  const auto plan = build_fabric(settings);
  return plan ? "no error" : plan.error();
}

TEST(BuildFabricErrors, NameTheParameterAndTheRemedy) {
  EXPECT_EQ(error_of(fat_tree(5)), "k: a fat-tree needs an even number of ports from 2 up, not 5: set 6");
  EXPECT_THAT(error_of(fat_tree(0)), HasSubstr("set 2"));
  EXPECT_EQ(error_of(fat_tree(258)),
            "k: a spine switch would have 258 ports, and 256 is the most: make k smaller");
  EXPECT_EQ(error_of(fat_tree(66)),
            "k: the fabric would have 71874 NICs, and 65536 is the most: make k smaller");
  EXPECT_EQ(error_of(fat_tree(8, 253)),
            "hosts_per_leaf: a leaf switch would have 257 ports, and 256 is the most: "
            "make hosts_per_leaf smaller");
  EXPECT_THAT(error_of(leaf_spine(2, 2, 0)), StartsWith("hosts_per_leaf: "));
  EXPECT_THAT(error_of(leaf_spine(0, 2, 4)), StartsWith("leaves: "));
  EXPECT_EQ(error_of(leaf_spine(2, 0, 4)),
            "spines: 2 leaves need a spine to reach each other: set 1 or more");
  EXPECT_THAT(error_of(leaf_spine(2, 250, 10)), StartsWith("spines: a leaf switch would have 260 ports"));
  EXPECT_THAT(error_of(leaf_spine(257, 1, 1)), StartsWith("leaves: a spine switch would have 257 ports"));
  EXPECT_THAT(error_of(leaf_spine(1, 0, 0xffffffff)), StartsWith("hosts_per_leaf: a leaf switch"));
  EXPECT_THAT(error_of(rails(4, 1, 0, 4)), StartsWith("spines: 4 leaves"));
  EXPECT_THAT(error_of(rails(0, 1, 1, 4)), StartsWith("nics_per_host: "));
  FabricSettings unlinked = leaf_spine(2, 2, 4);
  unlinked.leaf_spine_links = 0;
  EXPECT_THAT(error_of(unlinked), StartsWith("leaf_spine_links: "));
}

TEST(BuildFabricErrors, RefuseRatesThatPicosecondsCannotHold) {
  FabricSettings settings = leaf_spine(2, 2, 4);
  settings.link_rate = BitRate::gigabits(300);
  EXPECT_THAT(error_of(settings), StartsWith("link_rate: at 300Gbps a byte does not last"));
  settings.link_rate = BitRate::gigabits(100);
  settings.uplink_rate = BitRate::gigabits(7);
  EXPECT_THAT(error_of(settings), StartsWith("uplink_rate: "));
  settings = leaf_spine(2, 2, 4);
  settings.scale_up_rate = {1'000};
  EXPECT_EQ(error_of(settings), "scale_up_rate: 1kbps is too slow: set 1Mbps or more, or 0 for none");
  settings = leaf_spine(2, 2, 4);
  settings.kind = static_cast<FabricKind>(9);
  EXPECT_THAT(error_of(settings), HasSubstr("no fabric kind 9"));
}

TEST(SingleSwitch, HasHostIOnPortI) {
  FabricSettings settings;
  settings.kind = FabricKind::SingleSwitch;
  settings.hosts_per_leaf = 8;
  settings.leaves = 3;  // of other kinds
  const FabricPlan plan = must_build(settings);
  EXPECT_EQ(plan.host_count, 8u);
  ASSERT_EQ(plan.nodes.size(), 9u);
  EXPECT_EQ(plan.nodes[8].name, "leaf0");
  ASSERT_EQ(plan.links.size(), 8u);
  for (uint32_t host = 0; host < 8; ++host) {
    EXPECT_EQ(plan.links[host].a.node, host);
    EXPECT_EQ(plan.links[host].b.port, host);
  }
  EXPECT_EQ(describe_fabric(settings, plan), "single switch: 8 hosts");
  settings.hosts_per_leaf = 0;
  EXPECT_THAT(build_fabric(settings).error(), StartsWith("hosts_per_leaf"));
}

}  // namespace
}  // namespace railyard
