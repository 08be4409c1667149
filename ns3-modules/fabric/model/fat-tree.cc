// SPDX-License-Identifier: BSD-3-Clause
#include "ns3-modules/fabric/model/fat-tree.h"

#include "ns3-modules/fabric/model/fabric-wiring.h"

#include <fmt/format.h>

namespace ns3
{
namespace
{

tl::expected<void, std::string>
CheckFatTree(const FabricSettings& settings, uint64_t hostsPerLeaf)
{
    const uint64_t k = settings.k;
    if (k < 2 || k % 2 != 0)
    {
        return tl::make_unexpected(
            fmt::format("k: a fat-tree needs an even number of ports from 2 up, not {}: set {}",
                        k,
                        k < 2 ? 2 : k + 1));
    }
    return CheckPorts("k", "spine", k)
        .and_then(
            [&] {
                return CheckPorts(
                    "hosts_per_leaf", "leaf", hostsPerLeaf * settings.nicsPerHost + k / 2);
            })
        .and_then(
            [&] { return CheckEndpoints("k", k * (k / 2) * hostsPerLeaf * settings.nicsPerHost); });
}

} // namespace

tl::expected<FabricPlan, std::string>
WireFatTree(const FabricSettings& settings)
{
    const uint32_t half = settings.k / 2;
    const uint32_t hostsPerLeaf = settings.hostsPerLeaf == 0 ? half : settings.hostsPerLeaf;
    if (auto ok = CheckFatTree(settings, hostsPerLeaf); !ok)
    {
        return tl::make_unexpected(ok.error());
    }
    const uint32_t pods = settings.k;
    const uint32_t nics = settings.nicsPerHost;
    const uint32_t downPorts = hostsPerLeaf * nics;

    FabricPlan plan;
    plan.hostCount = pods * half * hostsPerLeaf;
    plan.nicsPerHost = nics;
    AddNodes(plan, FabricTier::Host, "host", plan.hostCount, nics);
    const uint32_t leaves = AddNodes(plan, FabricTier::Leaf, "leaf", pods * half, downPorts + half);
    const uint32_t spines = AddNodes(plan, FabricTier::Spine, "spine", pods * half, settings.k);
    const uint32_t cores = AddNodes(plan, FabricTier::Core, "core", half * half, pods);

    for (uint32_t host = 0; host < plan.hostCount; ++host)
    {
        for (uint32_t nic = 0; nic < nics; ++nic)
        {
            const uint32_t leaf = leaves + host / hostsPerLeaf;
            AddHostLink(plan, settings, {host, nic}, {leaf, host % hostsPerLeaf * nics + nic});
        }
    }
    for (uint32_t pod = 0; pod < pods; ++pod)
    {
        for (uint32_t i = 0; i < half; ++i)
        {
            for (uint32_t j = 0; j < half; ++j)
            {
                const uint32_t leaf = leaves + pod * half + i;
                const uint32_t spine = spines + pod * half + j;
                AddSwitchLink(plan, settings, {leaf, downPorts + j}, {spine, i});
                // Here i is the spine's number in its pod, and j the uplink's on that spine.
                AddSwitchLink(plan,
                              settings,
                              {spines + pod * half + i, half + j},
                              {cores + i * half + j, pod});
            }
        }
    }
    return plan;
}

} // namespace ns3
