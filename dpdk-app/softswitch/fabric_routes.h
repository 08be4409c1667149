// SPDX-License-Identifier: BSD-3-Clause
// The way through a fabric of several switches, the simulator's: by the destination's address to a group of
// equal-cost ports, and among them by the flow's entropy.
//
// A frame's UDP source port has 14 bits of that entropy, and the simulator hashes all 32. So a switch that
// plays a run takes the flow's number from the queue pair, and makes its entropy anew from the run's seed.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "dpdk-app/softswitch/frame_bytes.h"

namespace railyard::lab {

struct FabricRoutes {
  using Ports = std::vector<uint16_t>;

  std::vector<Ports> groups;                        // of equal cost
  std::unordered_map<uint32_t, uint16_t> group_of;  // by IPv4 address: index in groups
  uint64_t seed = 0;                                // of the run
  uint32_t salt = 0;                                // equal_cost_salt() of this switch
  // By port: links on which frames without a route are flooded and learned, so that none goes round. Ports
  // beyond are on the tree: an empty one is a switch alone.
  std::vector<bool> on_tree;

  // Nothing where the frame is for none of the addresses.
  std::optional<uint16_t> port_for(const FrameHeader& header) const;
  bool is_on_tree(uint32_t port) const { return port >= on_tree.size() || on_tree[port]; }
};

}  // namespace railyard::lab
