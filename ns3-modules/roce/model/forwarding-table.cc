// SPDX-License-Identifier: GPL-2.0-only
#include "forwarding-table.h"

#include "ns3/abort.h"

#include <algorithm>
#include <map>
#include <utility>

namespace ns3
{

namespace
{

constexpr uint32_t NO_NODE = ~uint32_t{0};

/// By endpoint: the node at the other end of its link.
std::vector<uint32_t>
NeighboursOf(const railyard::FabricPlan& plan)
{
    std::vector<uint32_t> neighbour(plan.endpoint_count(), NO_NODE);
    const auto note = [&](railyard::FabricPort nic, railyard::FabricPort other)
    {
        if (!plan.is_switch(nic.node))
        {
            neighbour[plan.endpoint_of(nic)] = other.node;
        }
    };
    for (const railyard::FabricLink& link : plan.links)
    {
        note(link.a, link.b);
        note(link.b, link.a);
    }
    return neighbour;
}

} // namespace

EndpointPlaces::EndpointPlaces(const railyard::FabricPlan& plan)
{
    std::map<uint32_t, uint16_t> leafOfNode;
    for (const uint32_t node : NeighboursOf(plan))
    {
        const auto [leaf, isNew] =
            leafOfNode.emplace(node, static_cast<uint16_t>(leafOfNode.size()));
        if (isNew)
        {
            endpointsOf.emplace_back();
        }
        std::vector<uint32_t>& endpoints = endpointsOf[leaf->second];
        const auto endpoint = static_cast<uint32_t>(placeOf.size());
        placeOf.push_back({leaf->second, static_cast<uint16_t>(endpoints.size())});
        endpoints.push_back(endpoint);
    }
}

ForwardingTable::ForwardingTable(std::shared_ptr<const EndpointPlaces> places,
                                 const railyard::FabricRoutes& routes,
                                 uint32_t salt)
    : m_placeOf(places->placeOf.data()),
      m_groups(routes.groups.size() + 1),
      m_salt(salt),
      m_places(std::move(places))
{
    for (size_t i = 0; i < routes.groups.size(); ++i)
    {
        const std::vector<uint16_t>& group = routes.groups[i];
        m_groups[i] = {static_cast<uint16_t>(m_ports.size()), static_cast<uint16_t>(group.size())};
        m_ports.insert(m_ports.end(), group.begin(), group.end());
    }
    const auto noRoute = static_cast<uint16_t>(routes.groups.size()); // a group without ports
    const auto indexOf = [&](uint32_t endpoint)
    {
        const uint16_t group = routes.group_of[endpoint];
        return group == railyard::FabricRoutes::kNoRoute ? noRoute : group;
    };
    for (const std::vector<uint32_t>& endpoints : m_places->endpointsOf)
    {
        const uint16_t first = indexOf(endpoints.front());
        const bool all = std::all_of(endpoints.begin(),
                                     endpoints.end(),
                                     [&](uint32_t endpoint) { return indexOf(endpoint) == first; });
        m_entryOf.push_back(all ? first : static_cast<uint16_t>(m_groups.size() | OWN_GROUPS));
        for (auto endpoint = endpoints.begin(); !all && endpoint != endpoints.end(); ++endpoint)
        {
            m_groups.push_back(Group(m_groups[indexOf(*endpoint)]));
        }
    }
    NS_ABORT_MSG_IF(m_groups.size() > OWN_GROUPS, "a switch with too many groups of ports");
}

} // namespace ns3
