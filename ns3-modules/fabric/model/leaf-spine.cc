// SPDX-License-Identifier: BSD-3-Clause
#include "ns3-modules/fabric/model/leaf-spine.h"

#include "ns3-modules/fabric/model/fabric-wiring.h"
#include "ns3-modules/fabric/model/spine-layer.h"

namespace ns3
{

tl::expected<FabricPlan, std::string>
WireLeafSpine(const FabricSettings& settings)
{
    const uint32_t nics = settings.nicsPerHost;
    const uint64_t downPorts = uint64_t{settings.hostsPerLeaf} * nics;
    if (auto ok = CheckSpineLayer(settings, settings.leaves, downPorts); !ok)
    {
        return tl::make_unexpected(ok.error());
    }
    FabricPlan plan;
    plan.hostCount = settings.leaves * settings.hostsPerLeaf;
    plan.nicsPerHost = nics;
    AddNodes(plan, FabricTier::Host, "host", plan.hostCount, nics);
    const uint32_t leaves = AddLeavesAndSpines(plan, settings, settings.leaves, downPorts);
    for (uint32_t host = 0; host < plan.hostCount; ++host)
    {
        for (uint32_t nic = 0; nic < nics; ++nic)
        {
            const uint32_t leaf = leaves + host / settings.hostsPerLeaf;
            const uint32_t port = host % settings.hostsPerLeaf * nics + nic;
            AddHostLink(plan, settings, {host, nic}, {leaf, port});
        }
    }
    return plan;
}

tl::expected<FabricPlan, std::string>
WireSingleSwitch(const FabricSettings& settings)
{
    FabricSettings one = settings;
    one.leaves = 1;
    one.spines = 0;
    return WireLeafSpine(one);
}

} // namespace ns3
