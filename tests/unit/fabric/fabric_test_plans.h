// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <gtest/gtest.h>

#include "traffic/fabric/fabric_builder.h"

namespace railyard {

inline FabricSettings fat_tree(uint32_t k, uint32_t hosts_per_leaf = 0) {
  FabricSettings settings;
  settings.kind = FabricKind::FatTree;
  settings.k = k;
  settings.hosts_per_leaf = hosts_per_leaf;
  return settings;
}

inline FabricSettings leaf_spine(uint32_t leaves, uint32_t spines, uint32_t hosts_per_leaf) {
  FabricSettings settings;
  settings.kind = FabricKind::LeafSpine;
  settings.leaves = leaves;
  settings.spines = spines;
  settings.hosts_per_leaf = hosts_per_leaf;
  return settings;
}

inline FabricSettings rails(uint32_t rails, uint32_t leaves_per_rail, uint32_t spines,
                            uint32_t hosts_per_leaf) {
  FabricSettings settings = leaf_spine(leaves_per_rail, spines, hosts_per_leaf);
  settings.kind = FabricKind::RailOptimized;
  settings.nics_per_host = rails;
  return settings;
}

// The plan, or an empty one and a failed test.
inline FabricPlan must_build(const FabricSettings& settings) {
  auto plan = build_fabric(settings);
  EXPECT_TRUE(plan.has_value()) << plan.error();
  return plan ? *plan : FabricPlan{};
}

inline uint32_t count_tier(const FabricPlan& plan, FabricTier tier) {
  uint32_t n = 0;
  for (const FabricNode& node : plan.nodes) n += node.tier == tier;
  return n;
}

}  // namespace railyard
