// SPDX-License-Identifier: BSD-3-Clause
// What the topologies share: adding nodes and links to a plan, and checking the shape asked for.
#pragma once

#include "ns3-modules/fabric/model/fabric-plan.h"
#include "ns3-modules/fabric/model/fabric-settings.h"

#include <string>

#include <tl/expected.hpp>

namespace ns3
{

/// Ports that a switch may have: 51.2 Tb/s chips have 256 of 200 Gb/s (Broadcom Tomahawk 5).
constexpr uint64_t MAX_SWITCH_PORTS = 256;

/// NICs of one fabric: the route tables of a fat-tree (k=64) then take 0.7 GB.
constexpr uint64_t MAX_ENDPOINTS = 65'536;

/// Adds `count` nodes called <prefix>0, <prefix>1, ... and returns the index of the first.
uint32_t AddNodes(FabricPlan& plan,
                  FabricTier tier,
                  const std::string& prefix,
                  uint32_t count,
                  uint32_t portsEach);

void AddHostLink(FabricPlan& plan,
                 const FabricSettings& settings,
                 FabricPort host,
                 FabricPort leaf);

/// A link between switches, at the uplink rate.
void AddSwitchLink(FabricPlan& plan,
                   const FabricSettings& settings,
                   FabricPort lower,
                   FabricPort upper);

/// The rate of links between switches: uplinkRate, or linkRate where that is 0.
railyard::BitRate UplinkRateOf(const FabricSettings& settings);

/// An error that names `parameter` where a `tier` switch would need more than MAX_SWITCH_PORTS
/// ports.
tl::expected<void, std::string> CheckPorts(const char* parameter, const char* tier, uint64_t ports);

/// An error where the fabric would have more than MAX_ENDPOINTS.
tl::expected<void, std::string> CheckEndpoints(const char* parameter, uint64_t endpoints);

} // namespace ns3
