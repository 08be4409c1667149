// SPDX-License-Identifier: BSD-3-Clause
// The shape of a fabric as plain data: what is wired to what, and which ports lead where.
// Topologies build it, RoceNetwork makes ns-3 objects for it, the datapath is laid out by it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "traffic/units/quantity.h"

namespace railyard {

// One end of a link.
struct FabricPort {
  uint32_t node = 0;  // index in FabricPlan::nodes
  uint32_t port = 0;  // index among that node's ports
};

struct FabricLink {
  FabricPort a;
  FabricPort b;
  BitRate rate;
  SimTime propagation;
};

enum class FabricTier : uint8_t {
  Host,
  Leaf,    // also called ToR, edge
  Spine,   // also called aggregation
  Core,    // also called super-spine
  Reducer  // beside a switch: reduces what is sent to it, of which the switch sends on the sum
};

struct FabricNode {
  std::string name;  // "host3", "leaf0", "spine2", "core1"
  FabricTier tier = FabricTier::Host;
  uint32_t port_count = 0;  // hosts: one a NIC, numbered as the NICs are
};

// Next hops of one switch. An endpoint is a NIC of a host; endpoint = host * nics_per_host + nic. Those of
// reducers follow, reducer after reducer.
struct FabricRoutes {
  static constexpr uint16_t kNoRoute = 0xffff;
  std::vector<uint16_t> group_of;             // by endpoint: index in groups, or kNoRoute
  std::vector<std::vector<uint16_t>> groups;  // equal-cost ports, ascending
};

struct FabricPlan {
  uint32_t host_count = 0;
  uint32_t nics_per_host = 1;
  std::vector<FabricNode> nodes;  // hosts first: node i is host i for i < host_count; then switches, reducers
  std::vector<FabricLink> links;
  std::vector<FabricRoutes> routes;  // by node; empty for hosts and reducers
  // The first endpoint of each reducer, and one more: where the last one's end. Empty: there are none.
  std::vector<uint32_t> reducer_endpoints;

  // Reducers, in the order of the switches that they are beside: all, or none.
  uint32_t reducer_count() const {
    return reducer_endpoints.empty() ? 0 : static_cast<uint32_t>(reducer_endpoints.size()) - 1;
  }
  uint32_t first_reducer() const { return static_cast<uint32_t>(nodes.size()) - reducer_count(); }
  bool is_switch(uint32_t node) const { return node >= host_count && node < first_reducer(); }

  // What has NICs, as a number: hosts, then reducers.
  uint32_t station_count() const { return host_count + reducer_count(); }
  uint32_t station_of(uint32_t node) const {
    return node < host_count ? node : node - first_reducer() + host_count;
  }

  uint32_t endpoint_count() const {
    return reducer_endpoints.empty() ? host_count * nics_per_host : reducer_endpoints.back();
  }
  FabricPort port_of(uint32_t endpoint) const {
    if (endpoint < host_count * nics_per_host) return {endpoint / nics_per_host, endpoint % nics_per_host};
    const auto after = std::upper_bound(reducer_endpoints.begin(), reducer_endpoints.end(), endpoint);
    const auto reducer = static_cast<uint32_t>(after - reducer_endpoints.begin()) - 1;
    return {first_reducer() + reducer, endpoint - reducer_endpoints[reducer]};
  }
  // Of a port of a host or reducer.
  uint32_t endpoint_of(FabricPort port) const {
    if (port.node < host_count) return port.node * nics_per_host + port.port;
    return reducer_endpoints[port.node - first_reducer()] + port.port;
  }
};

}  // namespace railyard
