// SPDX-License-Identifier: BSD-3-Clause
#include "ns3-modules/fabric/model/fabric-builder.h"

#include "ns3-modules/fabric/model/fabric-wiring.h"
#include "ns3-modules/fabric/model/fat-tree.h"
#include "ns3-modules/fabric/model/leaf-spine.h"
#include "ns3-modules/fabric/model/rail-optimized.h"
#include "ns3-modules/fabric/model/routing.h"

#include <fmt/format.h>

namespace ns3
{
namespace
{

tl::expected<void, std::string>
CheckRate(const char* parameter, railyard::BitRate rate)
{
    if (!rate.is_whole_ps_per_byte())
    {
        return tl::make_unexpected(fmt::format(
            "{}: at {} a byte does not last a whole number of picoseconds: set a standard "
            "Ethernet rate such as 25Gbps, 100Gbps, 400Gbps or 800Gbps",
            parameter,
            railyard::format(rate)));
    }
    return {};
}

tl::expected<void, std::string>
CheckCommon(const FabricSettings& settings)
{
    if (settings.nicsPerHost == 0)
    {
        return tl::make_unexpected(
            "nics_per_host: a host without NICs sends nothing: set 1 or more");
    }
    // Large buffers over a slower link would take longer than a time can be.
    if (settings.scaleUpRate.bps != 0 && settings.scaleUpRate < railyard::BitRate::megabits(1))
    {
        return tl::make_unexpected(fmt::format("scale_up_rate: {} is too slow: set 1Mbps or more, "
                                               "or 0 for none",
                                               railyard::format(settings.scaleUpRate)));
    }
    return CheckRate("link_rate", settings.linkRate)
        .and_then([&] { return CheckRate("uplink_rate", UplinkRateOf(settings)); });
}

tl::expected<FabricPlan, std::string>
Wire(const FabricSettings& settings)
{
    switch (static_cast<FabricKind>(settings.kind))
    {
    case FabricKind::FatTree:
        return WireFatTree(settings);
    case FabricKind::LeafSpine:
        return WireLeafSpine(settings);
    case FabricKind::RailOptimized:
        return WireRailOptimized(settings);
    case FabricKind::SingleSwitch:
        return WireSingleSwitch(settings);
    }
    return tl::make_unexpected(
        fmt::format("kind: there is no fabric kind {}: use a value of FabricKind", settings.kind));
}

std::string
ShapeInWords(const FabricSettings& settings)
{
    switch (static_cast<FabricKind>(settings.kind))
    {
    case FabricKind::FatTree:
        return fmt::format("k={} fat-tree", settings.k);
    case FabricKind::LeafSpine:
        return settings.spines == 0
                   ? "single switch"
                   : fmt::format("{}x{} leaf-spine", settings.leaves, settings.spines);
    case FabricKind::RailOptimized:
        return fmt::format("{}-rail", settings.nicsPerHost);
    case FabricKind::SingleSwitch:
        return "single switch";
    }
    return "fabric";
}

std::string
Counted(size_t n, const char* singular, const char* plural)
{
    return fmt::format("{} {}", n, n == 1 ? singular : plural);
}

} // namespace

tl::expected<FabricPlan, std::string>
BuildFabric(const FabricSettings& settings)
{
    if (auto ok = CheckCommon(settings); !ok)
    {
        return tl::make_unexpected(ok.error());
    }
    return Wire(settings).map(
        [](FabricPlan plan)
        {
            plan.routes = ComputeRoutes(plan);
            return plan;
        });
}

double
OversubscriptionOf(const FabricPlan& plan)
{
    uint64_t down = 0;
    uint64_t up = 0;
    for (const FabricLink& link : plan.links)
    {
        if (plan.nodes[link.a.node].tier == FabricTier::Host)
        {
            down += link.rate.bps;
        }
        else if (plan.nodes[link.a.node].tier == FabricTier::Leaf)
        {
            up += link.rate.bps;
        }
    }
    return up == 0 ? 0 : static_cast<double>(down) / static_cast<double>(up);
}

std::string
DescribeFabric(const FabricSettings& settings, const FabricPlan& plan)
{
    std::string text =
        fmt::format("{}: {}", ShapeInWords(settings), Counted(plan.hostCount, "host", "hosts"));
    if (plan.nicsPerHost > 1)
    {
        text += fmt::format(" of {} NICs", plan.nicsPerHost);
    }
    text += ", " + Counted(plan.nodes.size() - plan.hostCount, "switch", "switches");
    if (const double ratio = OversubscriptionOf(plan); ratio > 0)
    {
        text += fmt::format(", {:.3g}:1", ratio);
    }
    return text;
}

} // namespace ns3
