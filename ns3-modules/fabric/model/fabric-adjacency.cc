// SPDX-License-Identifier: BSD-3-Clause
#include "ns3-modules/fabric/model/fabric-adjacency.h"

namespace ns3
{

FabricAdjacency::FabricAdjacency(const FabricPlan& plan)
{
    m_firstPort.reserve(plan.nodes.size() + 1);
    uint32_t ports = 0;
    for (const FabricNode& node : plan.nodes)
    {
        m_firstPort.push_back(ports);
        ports += node.portCount;
    }
    m_firstPort.push_back(ports);

    m_links.assign(ports, NO_LINK);
    m_peers.resize(ports);
    for (uint32_t i = 0; i < plan.links.size(); ++i)
    {
        const FabricLink& link = plan.links[i];
        const uint32_t a = m_firstPort[link.a.node] + link.a.port;
        const uint32_t b = m_firstPort[link.b.node] + link.b.port;
        m_links[a] = m_links[b] = i;
        m_peers[a] = link.b;
        m_peers[b] = link.a;
    }
}

} // namespace ns3
