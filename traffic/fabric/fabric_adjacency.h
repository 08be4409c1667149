// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <vector>

#include "traffic/fabric/fabric_plan.h"

namespace railyard {

// Finds the link and the peer of each port of a plan in constant time.
class FabricAdjacency {
 public:
  static constexpr uint32_t kNoLink = 0xffffffff;

  explicit FabricAdjacency(const FabricPlan& plan);

  // Index in FabricPlan::links, or kNoLink where nothing is plugged in (a failed link, for one).
  uint32_t link_of(FabricPort port) const { return links_[first_port_[port.node] + port.port]; }

  // What is at the other end of a port that has a link.
  FabricPort peer_of(FabricPort port) const { return peers_[first_port_[port.node] + port.port]; }

  uint32_t port_count(uint32_t node) const { return first_port_[node + 1] - first_port_[node]; }

 private:
  std::vector<uint32_t> first_port_;  // by node, and one more: where its ports start below
  std::vector<uint32_t> links_;       // by port
  std::vector<FabricPort> peers_;     // by port
};

}  // namespace railyard
