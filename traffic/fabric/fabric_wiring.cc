// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/fabric/fabric_wiring.h"

#include <fmt/format.h>

namespace railyard {

uint32_t add_nodes(FabricPlan& plan, FabricTier tier, const std::string& prefix, uint32_t count,
                   uint32_t ports_each) {
  const auto first = static_cast<uint32_t>(plan.nodes.size());
  for (uint32_t i = 0; i < count; ++i) {
    plan.nodes.push_back({prefix + std::to_string(i), tier, ports_each});
  }
  return first;
}

void add_host_link(FabricPlan& plan, const FabricSettings& settings, FabricPort host, FabricPort leaf) {
  plan.links.push_back({host, leaf, settings.link_rate, settings.link_delay});
}

void add_switch_link(FabricPlan& plan, const FabricSettings& settings, FabricPort lower, FabricPort upper) {
  plan.links.push_back({lower, upper, uplink_rate_of(settings), settings.link_delay});
}

BitRate uplink_rate_of(const FabricSettings& settings) {
  return settings.uplink_rate.bps == 0 ? settings.link_rate : settings.uplink_rate;
}

tl::expected<void, std::string> check_ports(const char* parameter, const char* tier, uint64_t ports) {
  if (ports > kMaxSwitchPorts) {
    return tl::make_unexpected(
        fmt::format("{}: a {} switch would have {} ports, and {} is the most: make {} smaller", parameter,
                    tier, ports, kMaxSwitchPorts, parameter));
  }
  return {};
}

tl::expected<void, std::string> check_endpoints(const char* parameter, uint64_t endpoints) {
  if (endpoints > kMaxEndpoints) {
    return tl::make_unexpected(
        fmt::format("{}: the fabric would have {} NICs, and {} is the most: make {} smaller", parameter,
                    endpoints, kMaxEndpoints, parameter));
  }
  return {};
}

}  // namespace railyard
