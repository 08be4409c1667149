// SPDX-License-Identifier: GPL-2.0-only
// Where a switch sends what is for an endpoint: one of a group's ports, by the hash of the flow.
#pragma once

#include "traffic/fabric/fabric_plan.h"
#include "traffic/protocol/switching/equal_cost.h"
#include "traffic/protocol/wire/packet.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace ns3
{

/// Which node each endpoint hangs on. All switches of a fabric share it, so that each needs but one
/// entry for all endpoints of a leaf: of 8,192 endpoints, tables by endpoint took 16 KB a switch.
struct EndpointPlaces
{
    struct Place
    {
        uint16_t leaf; ///< nodes with endpoints, counted
        uint16_t slot; ///< among the leaf's endpoints
    };

    explicit EndpointPlaces(const railyard::FabricPlan& plan);

    std::vector<Place> placeOf;                     ///< by endpoint
    std::vector<std::vector<uint32_t>> endpointsOf; ///< by leaf, by slot
};

class ForwardingTable
{
  public:
    ForwardingTable() = default;
    /// \param salt railyard::equal_cost_salt
    ForwardingTable(std::shared_ptr<const EndpointPlaces> places,
                    const railyard::FabricRoutes& routes,
                    uint32_t salt);

    static constexpr uint32_t NO_PORT = ~uint32_t{0};

    /// The port by which the packet leaves; NO_PORT where its endpoint cannot be reached.
    uint32_t PortFor(const railyard::Packet& packet) const
    {
        const EndpointPlaces::Place place = m_placeOf[packet.dst];
        const uint16_t entry = m_entryOf[place.leaf];
        // Without a branch: at a leaf either is as likely as the other.
        const uint32_t own = place.slot & (0u - (entry >> OWN_GROUPS_BIT));
        const Group group = m_groups[(entry & ~OWN_GROUPS) + own];
        if (__builtin_expect(group.count == 0, 0))
        {
            return NO_PORT;
        }
        return m_ports[group.first +
                       railyard::equal_cost_choice(packet.entropy, m_salt, group.count)];
    }

  private:
    struct Group
    {
        uint16_t first = 0; ///< in m_ports
        uint16_t count = 0;
    };

    static constexpr uint32_t OWN_GROUPS_BIT = 15;
    static constexpr uint32_t OWN_GROUPS = 1u << OWN_GROUPS_BIT;

    const EndpointPlaces::Place* m_placeOf = nullptr;
    /// By leaf: where in m_groups its group is; with OWN_GROUPS, where those of its endpoints
    /// begin.
    std::vector<uint16_t> m_entryOf;
    std::vector<Group> m_groups;
    std::vector<uint16_t> m_ports;
    uint32_t m_salt = 0;
    std::shared_ptr<const EndpointPlaces> m_places;
};

} // namespace ns3
