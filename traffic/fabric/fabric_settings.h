// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

#include "traffic/units/quantity.h"

namespace railyard {

enum class FabricKind : uint8_t {
  FatTree,        // k-ary, three tiers
  LeafSpine,      // two tiers
  RailOptimized,  // NIC r of every host to rail leaf r, rails joined by spines
  SingleSwitch    // leaf0 with hosts_per_leaf hosts: host i on port i
};

// What adds up data on its way.
enum class InNetworkReduction : uint8_t { None, Switches, ScaleUp, Both };

// What a user says of a fabric; FabricPlan is what becomes of it.
struct FabricSettings {
  FabricKind kind = FabricKind::LeafSpine;
  uint32_t k = 4;       // fat-tree: ports of a switch; k^3/4 hosts where hosts_per_leaf is 0
  uint32_t leaves = 2;  // leaf-spine: leaves. rail-optimized: leaves of each rail
  uint32_t spines = 2;
  uint32_t hosts_per_leaf = 4;    // fat-tree: 0 means k/2; more oversubscribes the edge
  uint32_t nics_per_host = 1;     // rail-optimized: the number of rails
  uint32_t gpus_per_host = 1;     // GPU g sends by NIC g mod nics_per_host
  uint32_t leaf_spine_links = 1;  // parallel links between a leaf and a spine
  BitRate link_rate = BitRate::gigabits(100);
  BitRate uplink_rate = {0};                        // between switches; 0: as link_rate
  SimTime link_delay = SimTime::nanoseconds(500);   // propagation: 5 ns a metre
  BitRate scale_up_rate = BitRate::gigabits(3600);  // each GPU, within a host; 0: none, the NICs carry it
  SimTime scale_up_latency = SimTime::microseconds(1);
  BitRate pcie_rate = {0};  // at which a NIC reads a GPU's memory; 0: it never waits for it
  InNetworkReduction in_network_reduction = InNetworkReduction::None;
  SimTime reduction_latency;  // of a switch's reducer, beside its NIC's latency

  bool switches_reduce() const {
    return in_network_reduction == InNetworkReduction::Switches ||
           in_network_reduction == InNetworkReduction::Both;
  }
  bool scale_up_reduces() const {
    return in_network_reduction == InNetworkReduction::ScaleUp ||
           in_network_reduction == InNetworkReduction::Both;
  }
};

}  // namespace railyard
