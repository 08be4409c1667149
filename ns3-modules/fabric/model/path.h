// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "ns3-modules/fabric/model/fabric-adjacency.h"
#include "ns3-modules/fabric/model/fabric-plan.h"

#include "traffic/protocol/switching/switch_settings.h"
#include "traffic/protocol/transport/nic_settings.h"
#include "traffic/units/quantity.h"

#include <cstdint>
#include <vector>

namespace ns3
{

/**
 * How long messages take in an idle fabric: the yardstick of slowdown, and of round-trip times.
 *
 * Store and forward. A frame holds each link for its serialisation with preamble and gap, then
 * crosses its propagation; a switch adds its pipeline latency, the receiving NIC its own. Of
 * equal-cost paths the one by the lowest ports is taken. Exact to the picosecond.
 */
class FabricPaths
{
  public:
    /// Keeps a reference to `plan`, whose routes must be filled in.
    FabricPaths(const FabricPlan& plan,
                const railyard::NicSettings& nics,
                const railyard::SwitchSettings& switches);

    /// Indices in plan.links from source to destination; empty without a route, or to itself.
    std::vector<uint32_t> LinksBetween(uint32_t sourceEndpoint, uint32_t destinationEndpoint) const;

    /// From a message's first bit sent until the receiver's queue pair has its last packet, sent at
    /// line rate in packets of NicSettings::mtu; 0 without a path.
    railyard::SimTime CompletionTime(uint32_t sourceEndpoint,
                                     uint32_t destinationEndpoint,
                                     railyard::Bytes message) const;

  private:
    /// All that does not depend on a frame's length.
    railyard::SimTime FixedLatency(const std::vector<uint32_t>& links) const;
    std::vector<int64_t> PsPerByte(const std::vector<uint32_t>& links) const;

    const FabricPlan& m_plan;
    FabricAdjacency m_adjacency;
    uint32_t m_mtu;
    railyard::SimTime m_nicLatency;
    railyard::SimTime m_pipelineLatency;
};

} // namespace ns3
