// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "ns3-modules/fabric/model/fabric-plan.h"

#include <cstdint>
#include <vector>

namespace ns3
{

/// Finds the link and the peer of each port of a plan in constant time.
class FabricAdjacency
{
  public:
    static constexpr uint32_t NO_LINK = 0xffffffff;

    explicit FabricAdjacency(const FabricPlan& plan);

    /// Index in FabricPlan::links, or NO_LINK where nothing is plugged in (a failed link, for one).
    uint32_t LinkOf(FabricPort port) const
    {
        return m_links[m_firstPort[port.node] + port.port];
    }

    /// What is at the other end of a port that has a link.
    FabricPort PeerOf(FabricPort port) const
    {
        return m_peers[m_firstPort[port.node] + port.port];
    }

    uint32_t PortCount(uint32_t node) const
    {
        return m_firstPort[node + 1] - m_firstPort[node];
    }

  private:
    std::vector<uint32_t> m_firstPort; ///< by node, and one more: where its ports start below
    std::vector<uint32_t> m_links;     ///< by port
    std::vector<FabricPort> m_peers;   ///< by port
};

} // namespace ns3
