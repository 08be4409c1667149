// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>

#include "tests/unit/fabric/fabric_test_plans.h"
#include "traffic/fabric/fabric_adjacency.h"
#include "traffic/fabric/path.h"
#include "traffic/fabric/routing.h"

namespace railyard {
namespace {

size_t hops(const FabricPaths& paths, uint32_t from, uint32_t to) {
  return paths.links_between(from, to).size();
}

TEST(Routing, CrossesTwoFourOrSixLinksInAFatTree) {
  for (uint32_t k : {4, 8, 10}) {
    const FabricPlan plan = must_build(fat_tree(k));
    const FabricPaths paths(plan, {}, {});
    const uint32_t per_leaf = k / 2;
    const uint32_t per_pod = per_leaf * per_leaf;
    for (uint32_t a = 0; a < plan.host_count; ++a) {
      for (uint32_t b = 0; b < plan.host_count; ++b) {
        const size_t expected = a == b                         ? 0
                                : a / per_leaf == b / per_leaf ? 2
                                : a / per_pod == b / per_pod   ? 4
                                                               : 6;
        ASSERT_EQ(hops(paths, a, b), expected) << "k=" << k << ": " << a << " -> " << b;
      }
    }
  }
}

// Follows every equal-cost choice, not only the first.
void expect_all_ways_lead(const FabricPlan& plan, const FabricAdjacency& adjacency, uint32_t node,
                          uint32_t endpoint, uint32_t links_left) {
  const FabricRoutes& routes = plan.routes[node];
  ASSERT_NE(routes.group_of[endpoint], FabricRoutes::kNoRoute);
  for (uint16_t port : routes.groups[routes.group_of[endpoint]]) {
    const FabricPort peer = adjacency.peer_of({node, port});
    if (links_left == 1) {
      ASSERT_EQ(peer.node, endpoint / plan.nics_per_host);
      ASSERT_EQ(peer.port, endpoint % plan.nics_per_host);
      continue;
    }
    ASSERT_GE(peer.node, plan.host_count);
    expect_all_ways_lead(plan, adjacency, peer.node, endpoint, links_left - 1);
  }
}

TEST(Routing, EveryEqualCostChoiceLeadsThere) {
  const FabricPlan tree = must_build(fat_tree(4));
  for (uint32_t endpoint = 4; endpoint < tree.host_count; ++endpoint)
    expect_all_ways_lead(tree, FabricAdjacency(tree), tree.host_count, endpoint, 5);
  const FabricPlan railed = must_build(rails(4, 2, 3, 2));
  for (uint32_t host = 0; host < railed.host_count; ++host) {
    const uint32_t on_rail_one = host * 4 + 1;
    expect_all_ways_lead(railed, FabricAdjacency(railed), railed.host_count, on_rail_one, 3);
  }
}

TEST(Routing, SpreadsUpwardsOverHalfThePorts) {
  const FabricPlan plan = must_build(fat_tree(8));
  const FabricRoutes& leaf = plan.routes[plan.host_count];
  EXPECT_EQ(leaf.groups[leaf.group_of[127]], (std::vector<uint16_t>{4, 5, 6, 7}));
  EXPECT_EQ(leaf.groups[leaf.group_of[4]], (std::vector<uint16_t>{4, 5, 6, 7}));
  EXPECT_EQ(leaf.groups[leaf.group_of[3]], (std::vector<uint16_t>{3}));
  const FabricRoutes& spine = plan.routes[plan.host_count + 32];
  EXPECT_EQ(spine.groups[spine.group_of[127]], (std::vector<uint16_t>{4, 5, 6, 7}));
  EXPECT_EQ(spine.groups[spine.group_of[5]], (std::vector<uint16_t>{1}));
  const FabricRoutes& core = plan.routes.back();
  EXPECT_EQ(core.groups[core.group_of[127]], (std::vector<uint16_t>{7}));
  EXPECT_EQ(core.groups.size(), 8u);
}

TEST(Routing, ParallelLinksAreEqualChoices) {
  FabricSettings settings = leaf_spine(3, 2, 4);
  settings.leaf_spine_links = 3;
  const FabricPlan plan = must_build(settings);
  const FabricRoutes& leaf = plan.routes[plan.host_count];
  EXPECT_EQ(leaf.groups[leaf.group_of[11]].size(), 6u);
  const FabricRoutes& spine = plan.routes.back();
  EXPECT_EQ(spine.groups[spine.group_of[11]], (std::vector<uint16_t>{6, 7, 8}));
}

TEST(Routing, RailsMeetAtTheSpines) {
  const FabricPlan plan = must_build(rails(4, 2, 2, 3));
  const FabricPaths paths(plan, {}, {});
  const auto endpoint = [](uint32_t host, uint32_t nic) { return host * 4 + nic; };
  EXPECT_EQ(hops(paths, endpoint(0, 1), endpoint(2, 1)), 2u) << "same leaf of the same rail";
  EXPECT_EQ(hops(paths, endpoint(0, 1), endpoint(3, 1)), 4u) << "two leaves of one rail";
  EXPECT_EQ(hops(paths, endpoint(0, 1), endpoint(2, 3)), 4u) << "two rails";
  EXPECT_EQ(hops(paths, endpoint(0, 1), endpoint(0, 2)), 4u) << "two NICs of one host";
}

TEST(Routing, CountsThePacketHopsOfW1) {
  // 128 flows of 10,000 packets from each host to the one half the fabric away: 6 links each.
  const FabricPlan plan = must_build(fat_tree(8));
  const FabricPaths paths(plan, {}, {});
  size_t sum = 0;
  for (uint32_t host = 0; host < 128; ++host) sum += 10'000 * hops(paths, host, (host + 64) % 128);
  EXPECT_EQ(sum, 7'680'000u);
}

TEST(Routing, AvoidsFailedLinks) {
  FabricPlan plan = must_build(leaf_spine(2, 2, 1));
  const auto is_first_uplink = [&](const FabricLink& link) {
    return link.a.node == plan.host_count && link.a.port == 1;
  };
  plan.links.erase(std::find_if(plan.links.begin(), plan.links.end(), is_first_uplink));
  plan.routes = compute_routes(plan);
  const FabricRoutes& leaf0 = plan.routes[plan.host_count];
  EXPECT_EQ(leaf0.groups[leaf0.group_of[1]], (std::vector<uint16_t>{2}));
  const FabricRoutes& leaf1 = plan.routes[plan.host_count + 1];
  EXPECT_EQ(leaf1.groups[leaf1.group_of[0]], (std::vector<uint16_t>{2}));
  const FabricRoutes& spine0 = plan.routes[plan.host_count + 2];
  EXPECT_EQ(spine0.groups[spine0.group_of[0]], (std::vector<uint16_t>{1})) << "the long way round";

  plan.links.clear();
  plan.routes = compute_routes(plan);
  EXPECT_EQ(plan.routes[plan.host_count].group_of[1], FabricRoutes::kNoRoute);
}

TEST(Routing, IsTheSameEachTime) {
  const FabricPlan a = must_build(fat_tree(8));
  const FabricPlan b = must_build(fat_tree(8));
  for (size_t node = 0; node < a.nodes.size(); ++node) {
    EXPECT_EQ(a.routes[node].group_of, b.routes[node].group_of);
    EXPECT_EQ(a.routes[node].groups, b.routes[node].groups);
  }
}

TEST(Routing, ReachesAllOfALargeFatTree) {
  const FabricPlan plan = must_build(fat_tree(24));
  EXPECT_EQ(plan.host_count, 3'456u);
  for (uint32_t node = plan.host_count; node < plan.nodes.size(); ++node) {
    const std::vector<uint16_t>& groups = plan.routes[node].group_of;
    EXPECT_EQ(std::count(groups.begin(), groups.end(), FabricRoutes::kNoRoute), 0);
  }
}

}  // namespace
}  // namespace railyard
