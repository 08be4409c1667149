// SPDX-License-Identifier: BSD-3-Clause
#include "ns3-modules/fabric/model/spine-layer.h"

#include "ns3-modules/fabric/model/fabric-wiring.h"

#include <fmt/format.h>

namespace ns3
{
namespace
{

tl::expected<void, std::string>
CheckCounts(const FabricSettings& settings, uint64_t leafCount)
{
    if (settings.leaves == 0)
    {
        return tl::make_unexpected("leaves: 0 leaves carry no hosts: set 1 or more");
    }
    if (settings.hostsPerLeaf == 0)
    {
        return tl::make_unexpected(
            "hosts_per_leaf: 0 leaves the fabric without hosts: set 1 or more");
    }
    if (settings.spines == 0 && leafCount > 1)
    {
        return tl::make_unexpected(fmt::format(
            "spines: {} leaves need a spine to reach each other: set 1 or more", leafCount));
    }
    if (settings.spines > 0 && settings.leafSpineLinks == 0)
    {
        return tl::make_unexpected(
            "leaf_spine_links: 0 leaves the spines unconnected: set 1 or more");
    }
    return {};
}

} // namespace

tl::expected<void, std::string>
CheckSpineLayer(const FabricSettings& settings, uint64_t leafCount, uint64_t downPorts)
{
    const uint64_t parallel = settings.leafSpineLinks;
    return CheckCounts(settings, leafCount)
        .and_then([&] { return CheckPorts("hosts_per_leaf", "leaf", downPorts); })
        .and_then([&]
                  { return CheckPorts("spines", "leaf", downPorts + settings.spines * parallel); })
        .and_then(
            [&] {
                return CheckPorts(
                    "leaves", "spine", settings.spines == 0 ? 0 : leafCount * parallel);
            })
        .and_then([&] { return CheckEndpoints("leaves", leafCount * downPorts); });
}

uint32_t
AddLeavesAndSpines(FabricPlan& plan,
                   const FabricSettings& settings,
                   uint32_t leafCount,
                   uint32_t downPorts)
{
    const uint32_t parallel = settings.leafSpineLinks;
    const uint32_t leafPorts = downPorts + settings.spines * parallel;
    const uint32_t leaves = AddNodes(plan, FabricTier::Leaf, "leaf", leafCount, leafPorts);
    const uint32_t spines =
        AddNodes(plan, FabricTier::Spine, "spine", settings.spines, leafCount * parallel);
    for (uint32_t leaf = 0; leaf < leafCount; ++leaf)
    {
        for (uint32_t up = 0; up < settings.spines * parallel; ++up)
        {
            AddSwitchLink(plan,
                          settings,
                          {leaves + leaf, downPorts + up},
                          {spines + up / parallel, leaf * parallel + up % parallel});
        }
    }
    return leaves;
}

} // namespace ns3
