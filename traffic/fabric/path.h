// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <vector>

#include "traffic/fabric/fabric_adjacency.h"
#include "traffic/fabric/fabric_plan.h"
#include "traffic/protocol/switching/switch_settings.h"
#include "traffic/protocol/transport/nic_settings.h"
#include "traffic/units/quantity.h"

namespace railyard {

// How long messages take in an idle fabric: the yardstick of slowdown, and of round-trip times.
//
// Store and forward. A frame holds each link for its serialisation with preamble and gap, then
// crosses its propagation; a switch adds its pipeline latency, the receiving NIC its own. Of
// equal-cost paths the one by the lowest ports is taken. Exact to the picosecond.
class FabricPaths {
 public:
  // Keeps a reference to `plan`, whose routes must be filled in.
  FabricPaths(const FabricPlan& plan, const NicSettings& nics, const SwitchSettings& switches);

  // Indices in plan.links from source to destination; empty without a route, or to itself.
  std::vector<uint32_t> links_between(uint32_t source_endpoint, uint32_t destination_endpoint) const;

  // From a message's first bit sent until the receiver's queue pair has its last packet, sent at
  // line rate in packets of NicSettings::mtu; 0 without a path.
  SimTime completion_time(uint32_t source_endpoint, uint32_t destination_endpoint, Bytes message) const;

 private:
  // All that does not depend on a frame's length.
  SimTime fixed_latency(const std::vector<uint32_t>& links) const;
  std::vector<int64_t> ps_per_byte(const std::vector<uint32_t>& links) const;

  const FabricPlan& plan_;
  FabricAdjacency adjacency_;
  uint32_t mtu_;
  SimTime nic_latency_;
  SimTime pipeline_latency_;
};

}  // namespace railyard
