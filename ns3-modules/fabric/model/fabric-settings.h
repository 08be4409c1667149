// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "traffic/units/quantity.h"

#include <cstdint>

namespace ns3
{

enum class FabricKind : uint32_t
{
    FatTree,       ///< k-ary, three tiers
    LeafSpine,     ///< two tiers
    RailOptimized, ///< NIC r of every host to rail leaf r, rails joined by spines
    SingleSwitch   ///< leaf0 with hostsPerLeaf hosts: host i on port i
};

/// What a user says of a fabric; FabricPlan is what becomes of it.
struct FabricSettings
{
    uint32_t kind = static_cast<uint32_t>(FabricKind::LeafSpine);
    uint32_t k = 4;      ///< fat-tree: ports of a switch; k^3/4 hosts where hostsPerLeaf is 0
    uint32_t leaves = 2; ///< leaf-spine: leaves. rail-optimized: leaves of each rail
    uint32_t spines = 2;
    uint32_t hostsPerLeaf = 4;   ///< fat-tree: 0 means k/2; more oversubscribes the edge
    uint32_t nicsPerHost = 1;    ///< rail-optimized: the number of rails
    uint32_t gpusPerHost = 1;    ///< GPU g sends by NIC g mod nicsPerHost
    uint32_t leafSpineLinks = 1; ///< parallel links between a leaf and a spine
    railyard::BitRate linkRate = railyard::BitRate::gigabits(100);
    railyard::BitRate uplinkRate = {0}; ///< between switches; 0: as linkRate
    railyard::SimTime linkDelay =
        railyard::SimTime::nanoseconds(500); ///< propagation: 5 ns a metre
    railyard::BitRate scaleUpRate =
        railyard::BitRate::gigabits(3600); ///< each GPU, within a host; 0: none, the NICs carry it
    railyard::SimTime scaleUpLatency = railyard::SimTime::microseconds(1);
};

} // namespace ns3
