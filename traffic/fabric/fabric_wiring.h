// SPDX-License-Identifier: BSD-3-Clause
// What the topologies share: adding nodes and links to a plan, and checking the shape asked for.
#pragma once

#include <string>

#include <tl/expected.hpp>

#include "traffic/fabric/fabric_plan.h"
#include "traffic/fabric/fabric_settings.h"

namespace railyard {

// Ports that a switch may have: 51.2 Tb/s chips have 256 of 200 Gb/s (Broadcom Tomahawk 5).
constexpr uint64_t kMaxSwitchPorts = 256;

// NICs of one fabric: the route tables of a fat-tree (k=64) then take 0.7 GB.
constexpr uint64_t kMaxEndpoints = 65'536;

// Adds `count` nodes called <prefix>0, <prefix>1, ... and returns the index of the first.
uint32_t add_nodes(FabricPlan& plan, FabricTier tier, const std::string& prefix, uint32_t count,
                   uint32_t ports_each);

void add_host_link(FabricPlan& plan, const FabricSettings& settings, FabricPort host, FabricPort leaf);

// A link between switches, at the uplink rate.
void add_switch_link(FabricPlan& plan, const FabricSettings& settings, FabricPort lower, FabricPort upper);

// The rate of links between switches: uplink_rate, or link_rate where that is 0.
BitRate uplink_rate_of(const FabricSettings& settings);

// An error that names `parameter` where a `tier` switch would need more than kMaxSwitchPorts
// ports.
tl::expected<void, std::string> check_ports(const char* parameter, const char* tier, uint64_t ports);

// An error where the fabric would have more than kMaxEndpoints.
tl::expected<void, std::string> check_endpoints(const char* parameter, uint64_t endpoints);

}  // namespace railyard
