// SPDX-License-Identifier: BSD-3-Clause
#include "ns3-modules/fabric/model/fabric-wiring.h"

#include <fmt/format.h>

namespace ns3
{

uint32_t
AddNodes(FabricPlan& plan,
         FabricTier tier,
         const std::string& prefix,
         uint32_t count,
         uint32_t portsEach)
{
    const auto first = static_cast<uint32_t>(plan.nodes.size());
    for (uint32_t i = 0; i < count; ++i)
    {
        plan.nodes.push_back({prefix + std::to_string(i), tier, portsEach});
    }
    return first;
}

void
AddHostLink(FabricPlan& plan, const FabricSettings& settings, FabricPort host, FabricPort leaf)
{
    plan.links.push_back({host, leaf, settings.linkRate, settings.linkDelay});
}

void
AddSwitchLink(FabricPlan& plan, const FabricSettings& settings, FabricPort lower, FabricPort upper)
{
    plan.links.push_back({lower, upper, UplinkRateOf(settings), settings.linkDelay});
}

railyard::BitRate
UplinkRateOf(const FabricSettings& settings)
{
    return settings.uplinkRate.bps == 0 ? settings.linkRate : settings.uplinkRate;
}

tl::expected<void, std::string>
CheckPorts(const char* parameter, const char* tier, uint64_t ports)
{
    if (ports > MAX_SWITCH_PORTS)
    {
        return tl::make_unexpected(
            fmt::format("{}: a {} switch would have {} ports, and {} is the most: make {} smaller",
                        parameter,
                        tier,
                        ports,
                        MAX_SWITCH_PORTS,
                        parameter));
    }
    return {};
}

tl::expected<void, std::string>
CheckEndpoints(const char* parameter, uint64_t endpoints)
{
    if (endpoints > MAX_ENDPOINTS)
    {
        return tl::make_unexpected(
            fmt::format("{}: the fabric would have {} NICs, and {} is the most: make {} smaller",
                        parameter,
                        endpoints,
                        MAX_ENDPOINTS,
                        parameter));
    }
    return {};
}

} // namespace ns3
