// SPDX-License-Identifier: BSD-3-Clause
#include "ns3-modules/fabric/model/rail-optimized.h"

#include "ns3-modules/fabric/model/fabric-wiring.h"
#include "ns3-modules/fabric/model/spine-layer.h"

namespace ns3
{

tl::expected<FabricPlan, std::string>
WireRailOptimized(const FabricSettings& settings)
{
    const uint32_t rails = settings.nicsPerHost;
    const uint64_t leafCount = uint64_t{rails} * settings.leaves;
    if (auto ok = CheckSpineLayer(settings, leafCount, settings.hostsPerLeaf); !ok)
    {
        return tl::make_unexpected(ok.error());
    }
    FabricPlan plan;
    plan.hostCount = settings.leaves * settings.hostsPerLeaf;
    plan.nicsPerHost = rails;
    AddNodes(plan, FabricTier::Host, "host", plan.hostCount, rails);
    const uint32_t leaves = AddLeavesAndSpines(plan, settings, leafCount, settings.hostsPerLeaf);
    for (uint32_t host = 0; host < plan.hostCount; ++host)
    {
        for (uint32_t rail = 0; rail < rails; ++rail)
        {
            const uint32_t leaf = leaves + rail * settings.leaves + host / settings.hostsPerLeaf;
            AddHostLink(plan, settings, {host, rail}, {leaf, host % settings.hostsPerLeaf});
        }
    }
    return plan;
}

} // namespace ns3
