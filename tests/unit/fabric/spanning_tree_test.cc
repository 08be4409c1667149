// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/fabric/spanning_tree.h"

#include <vector>

#include "tests/unit/fabric/fabric_test_plans.h"
#include "traffic/fabric/fabric_adjacency.h"

namespace railyard {
namespace {

// How often each node gets a frame that a host sends and every switch floods by the tree.
std::vector<uint32_t> flooded_from(uint32_t host, const FabricPlan& plan) {
  const auto tree = spanning_tree(plan);
  const FabricAdjacency adjacency(plan);
  std::vector<uint32_t> got(plan.nodes.size());
  std::vector<FabricPort> arrivals{adjacency.peer_of({host, 0})};
  for (size_t i = 0; i < arrivals.size() && arrivals.size() < 10'000; ++i) {
    const FabricPort in = arrivals[i];
    ++got[in.node];
    if (in.node < plan.host_count || !tree[in.node][in.port]) continue;
    for (uint32_t port = 0; port < adjacency.port_count(in.node); ++port)
      if (port != in.port && tree[in.node][port]) arrivals.push_back(adjacency.peer_of({in.node, port}));
  }
  return got;
}

TEST(SpanningTree, FloodsReachEveryNodeOnce) {
  for (const FabricSettings& settings :
       {leaf_spine(2, 1, 4), leaf_spine(4, 3, 2), fat_tree(4), rails(1, 3, 2, 2)}) {
    FabricSettings parallel = settings;
    parallel.leaf_spine_links = 2;
    for (const FabricPlan& plan : {must_build(settings), must_build(parallel)})
      for (uint32_t host = 0; host < plan.host_count; ++host) {
        const auto got = flooded_from(host, plan);
        for (uint32_t node = 0; node < plan.nodes.size(); ++node)
          EXPECT_EQ(got[node], node == host ? 0u : 1u) << plan.nodes[node].name << " from host" << host;
      }
  }
}

TEST(SpanningTree, CoversPiecesThatAreNotConnected) {
  FabricPlan plan = must_build(leaf_spine(2, 1, 3));
  plan.links.erase(plan.links.begin());  // that of leaf0 to the spine
  const auto tree = spanning_tree(plan);
  EXPECT_EQ(tree[6], (std::vector<bool>{true, true, true, false}));
  EXPECT_EQ(tree[7], std::vector<bool>(4, true));
  EXPECT_EQ(tree[8], (std::vector<bool>{false, true}));
}

}  // namespace
}  // namespace railyard
