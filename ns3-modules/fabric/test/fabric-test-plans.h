// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "ns3-modules/fabric/model/fabric-builder.h"

#include <gtest/gtest.h>

namespace ns3
{

inline FabricSettings
FatTree(uint32_t k, uint32_t hostsPerLeaf = 0)
{
    FabricSettings settings;
    settings.kind = static_cast<uint32_t>(FabricKind::FatTree);
    settings.k = k;
    settings.hostsPerLeaf = hostsPerLeaf;
    return settings;
}

inline FabricSettings
LeafSpine(uint32_t leaves, uint32_t spines, uint32_t hostsPerLeaf)
{
    FabricSettings settings;
    settings.kind = static_cast<uint32_t>(FabricKind::LeafSpine);
    settings.leaves = leaves;
    settings.spines = spines;
    settings.hostsPerLeaf = hostsPerLeaf;
    return settings;
}

inline FabricSettings
Rails(uint32_t rails, uint32_t leavesPerRail, uint32_t spines, uint32_t hostsPerLeaf)
{
    FabricSettings settings = LeafSpine(leavesPerRail, spines, hostsPerLeaf);
    settings.kind = static_cast<uint32_t>(FabricKind::RailOptimized);
    settings.nicsPerHost = rails;
    return settings;
}

/// The plan, or an empty one and a failed test.
inline FabricPlan
MustBuild(const FabricSettings& settings)
{
    auto plan = BuildFabric(settings);
    EXPECT_TRUE(plan.has_value()) << plan.error();
    return plan ? *plan : FabricPlan{};
}

inline uint32_t
CountTier(const FabricPlan& plan, FabricTier tier)
{
    uint32_t n = 0;
    for (const FabricNode& node : plan.nodes)
    {
        n += node.tier == tier;
    }
    return n;
}

} // namespace ns3
