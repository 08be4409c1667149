// SPDX-License-Identifier: BSD-3-Clause
// That schedules know a fabric's reducing switches as its plan has them.
#include <gtest/gtest.h>

#include <numeric>
#include <set>

#include "traffic/fabric/fabric_builder.h"
#include "traffic/fabric/path.h"
#include "traffic/pattern/schedule/switch_trees.h"
#include "traffic/run/compiled_run.h"

namespace railyard {
namespace {

using schedule::SwitchTree;
using schedule::SwitchTrees;

class ReducingFabric : public testing::TestWithParam<FabricKind> {
 protected:
  ReducingFabric() {
    settings.kind = GetParam();
    settings.leaf_spine_links = 2;
    settings.in_network_reduction = InNetworkReduction::Switches;
    if (settings.kind == FabricKind::RailOptimized) settings.nics_per_host = 2;
    plan = build_fabric(settings).value();
    hosts = host_shape_of(plan, settings);
  }

  // Links between two endpoints, of which one or both are reducers': those within switches do not count.
  size_t links_outside(uint32_t from, uint32_t to) const {
    size_t count = 0;
    for (const uint32_t link : FabricPaths(plan, {}, {}).links_between(from, to))
      count += plan.nodes[plan.links[link].a.node].tier != FabricTier::Reducer;
    return count;
  }
  uint32_t endpoint(uint32_t at, uint32_t nic) const {
    return hosts.endpoint_of(hosts.reducer_of_switch(at).host, nic);
  }

  FabricSettings settings;
  FabricPlan plan;
  schedule::HostShape hosts;
};

TEST_P(ReducingFabric, HasItsReducersWhereSchedulesLookForThem) {
  ASSERT_NE(hosts.reducing_switches, nullptr);
  ASSERT_EQ(hosts.reducing_switches->count(), plan.reducer_count());
  EXPECT_EQ(hosts.station_count(), plan.station_count());
  for (uint32_t at = 0; at < plan.reducer_count(); ++at) {
    const FabricPort port = plan.port_of(endpoint(at, 0));
    EXPECT_EQ(plan.nodes[port.node].name, plan.nodes[plan.host_count + at].name + "-reducer");
    EXPECT_EQ(plan.station_of(port.node), hosts.reducer_of_switch(at).host);
  }
}

// Every step of a tree over all hosts crosses one link outside of switches, and each switch is in it once.
TEST_P(ReducingFabric, IsClimbedLinkByLink) {
  std::vector<uint32_t> endpoints;
  for (uint32_t host = 0; host < plan.host_count; ++host) endpoints.push_back(hosts.endpoint_of(host, 0));
  SwitchTrees trees(*hosts.reducing_switches);
  std::set<uint32_t> roots;
  for (int nth = 0; nth < 16; ++nth) {
    const auto tree = trees.next(endpoints);
    ASSERT_TRUE(tree) << tree.error();
    EXPECT_EQ(std::set<uint32_t>(tree->switches.begin(), tree->switches.end()).size(), tree->switches.size());
    size_t top = 0;
    for (size_t i = 0; i < tree->switches.size(); ++i) {
      const SwitchTree::Edge& edge = tree->edges[i];
      if (edge.parent == SwitchTree::kRoot) {
        roots.insert(tree->switches[i]);
        ++top;
        continue;
      }
      const uint32_t child = endpoint(tree->switches[i], edge.nic);
      const uint32_t parent = endpoint(tree->switches[edge.parent], edge.parent_nic);
      EXPECT_EQ(links_outside(child, parent), 1u);
      EXPECT_EQ(links_outside(parent, child), 1u);
    }
    EXPECT_EQ(top, 1u);
    for (size_t i = 0; i < endpoints.size(); ++i) {
      const SwitchTree::Edge& leaf = tree->leaves[i];
      EXPECT_EQ(links_outside(endpoints[i], endpoint(tree->switches[leaf.parent], leaf.parent_nic)), 1u);
    }
  }
  // Four cores of a k = 4 fat-tree, two spines.
  EXPECT_EQ(roots.size(), settings.kind == FabricKind::FatTree        ? 4u
                          : settings.kind == FabricKind::SingleSwitch ? 1u
                                                                      : 2u);
}

INSTANTIATE_TEST_SUITE_P(Kinds, ReducingFabric,
                         testing::Values(FabricKind::FatTree, FabricKind::LeafSpine,
                                         FabricKind::RailOptimized, FabricKind::SingleSwitch));

}  // namespace
}  // namespace railyard
