// SPDX-License-Identifier: BSD-3-Clause
#include "ns3-modules/fabric/model/routing.h"

#include "ns3-modules/fabric/model/fabric-adjacency.h"

#include <algorithm>
#include <limits>

namespace ns3
{
namespace
{

constexpr uint32_t UNREACHED = std::numeric_limits<uint32_t>::max();

using Group = std::vector<uint16_t>;

uint16_t
GroupIndex(FabricRoutes& routes, const Group& group)
{
    const auto found = std::find(routes.groups.begin(), routes.groups.end(), group);
    if (found != routes.groups.end())
    {
        return static_cast<uint16_t>(found - routes.groups.begin());
    }
    routes.groups.push_back(group);
    return static_cast<uint16_t>(routes.groups.size() - 1);
}

class Router
{
  public:
    explicit Router(const FabricPlan& plan)
        : m_plan(plan),
          m_adjacency(plan),
          m_endpointsOf(plan.nodes.size()),
          m_distance(plan.nodes.size()),
          m_routes(plan.nodes.size())
    {
        for (uint32_t node = plan.hostCount; node < plan.nodes.size(); ++node)
        {
            m_routes[node].groupOf.assign(plan.EndpointCount(), FabricRoutes::NO_ROUTE);
        }
    }

    std::vector<FabricRoutes> Run()
    {
        AttachEndpoints();
        for (uint32_t leaf = m_plan.hostCount; leaf < m_plan.nodes.size(); ++leaf)
        {
            if (!m_endpointsOf[leaf].empty())
            {
                MeasureDistances(leaf);
                RouteTowards(leaf);
            }
        }
        return std::move(m_routes);
    }

  private:
    /// Notes which switch each endpoint hangs on, and routes that switch to it.
    void AttachEndpoints()
    {
        for (uint32_t endpoint = 0; endpoint < m_plan.EndpointCount(); ++endpoint)
        {
            const FabricPort nic{endpoint / m_plan.nicsPerHost, endpoint % m_plan.nicsPerHost};
            if (m_adjacency.LinkOf(nic) == FabricAdjacency::NO_LINK)
            {
                continue;
            }
            const FabricPort leaf = m_adjacency.PeerOf(nic);
            m_endpointsOf[leaf.node].push_back(endpoint);
            FabricRoutes& routes = m_routes[leaf.node];
            routes.groupOf[endpoint] = GroupIndex(routes, {static_cast<uint16_t>(leaf.port)});
        }
    }

    /// Calls visit(port, neighbour) for each port of `node` that leads to a switch.
    template <class Visit>
    void ForEachSwitchPort(uint32_t node, Visit visit) const
    {
        for (uint32_t port = 0; port < m_adjacency.PortCount(node); ++port)
        {
            if (m_adjacency.LinkOf({node, port}) == FabricAdjacency::NO_LINK)
            {
                continue;
            }
            const uint32_t neighbour = m_adjacency.PeerOf({node, port}).node;
            if (neighbour >= m_plan.hostCount)
            {
                visit(static_cast<uint16_t>(port), neighbour);
            }
        }
    }

    /// Breadth-first: m_distance from `root`, m_order the switches reached, nearest first.
    void MeasureDistances(uint32_t root)
    {
        std::fill(m_distance.begin(), m_distance.end(), UNREACHED);
        m_distance[root] = 0;
        m_order.assign(1, root);
        for (size_t next = 0; next < m_order.size(); ++next)
        {
            const uint32_t node = m_order[next];
            ForEachSwitchPort(node,
                              [&](uint16_t, uint32_t neighbour)
                              {
                                  if (m_distance[neighbour] == UNREACHED)
                                  {
                                      m_distance[neighbour] = m_distance[node] + 1;
                                      m_order.push_back(neighbour);
                                  }
                              });
        }
    }

    /// Every other switch sends what is for `leaf` by all ports that lead one step nearer.
    void RouteTowards(uint32_t leaf)
    {
        Group group;
        for (size_t i = 1; i < m_order.size(); ++i)
        {
            const uint32_t node = m_order[i];
            group.clear();
            ForEachSwitchPort(node,
                              [&](uint16_t port, uint32_t neighbour)
                              {
                                  if (m_distance[neighbour] + 1 == m_distance[node])
                                  {
                                      group.push_back(port);
                                  }
                              });
            FabricRoutes& routes = m_routes[node];
            const uint16_t index = GroupIndex(routes, group);
            for (uint32_t endpoint : m_endpointsOf[leaf])
            {
                routes.groupOf[endpoint] = index;
            }
        }
    }

    const FabricPlan& m_plan;
    FabricAdjacency m_adjacency;
    std::vector<std::vector<uint32_t>> m_endpointsOf; ///< by switch
    std::vector<uint32_t> m_distance;                 ///< by switch, from the present leaf
    std::vector<uint32_t> m_order;
    std::vector<FabricRoutes> m_routes;
};

} // namespace

std::vector<FabricRoutes>
ComputeRoutes(const FabricPlan& plan)
{
    return Router(plan).Run();
}

} // namespace ns3
