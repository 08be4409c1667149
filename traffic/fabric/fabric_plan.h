// SPDX-License-Identifier: BSD-3-Clause
// The shape of a fabric as plain data: what is wired to what, and which ports lead where.
// Topologies build it, RoceNetwork makes ns-3 objects for it, the datapath is laid out by it.
#pragma once

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
  Leaf,   // also called ToR, edge
  Spine,  // also called aggregation
  Core    // also called super-spine
};

struct FabricNode {
  std::string name;  // "host3", "leaf0", "spine2", "core1"
  FabricTier tier = FabricTier::Host;
  uint32_t port_count = 0;  // hosts: one a NIC, numbered as the NICs are
};

// Next hops of one switch. An endpoint is a NIC of a host; endpoint = host * nics_per_host + nic.
struct FabricRoutes {
  static constexpr uint16_t kNoRoute = 0xffff;
  std::vector<uint16_t> group_of;             // by endpoint: index in groups, or kNoRoute
  std::vector<std::vector<uint16_t>> groups;  // equal-cost ports, ascending
};

struct FabricPlan {
  uint32_t host_count = 0;
  uint32_t nics_per_host = 1;
  std::vector<FabricNode> nodes;  // hosts first: node i is host i for i < host_count
  std::vector<FabricLink> links;
  std::vector<FabricRoutes> routes;  // by node; empty for hosts

  uint32_t endpoint_count() const { return host_count * nics_per_host; }
};

}  // namespace railyard
