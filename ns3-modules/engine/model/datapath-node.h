// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "datapath-port.h"
#include "node-agenda.h"

#include <cstdint>
#include <vector>

namespace ns3
{

class WindowContext;
class ReferenceContext;
struct ReferenceEvent;

/**
 * A node of the fabric as the engines see it: a logical process that acts on its own state only
 * and reaches others only by packets that take time.
 *
 * Events of one node happen in the order of (time, kind, tie), kind being: end of a transmission,
 * arrival, timer; tie being the port's tieRank or the timer's id. Both engines keep this order,
 * and it says nothing of other nodes: so no result can depend on which node runs first.
 */
class DatapathNode
{
  public:
    DatapathNode(uint32_t id,
                 std::vector<DatapathPort>&& ports,
                 const std::vector<uint16_t>& tieRanks);
    virtual ~DatapathNode() = default;

    DatapathNode(const DatapathNode&) = delete;
    DatapathNode& operator=(const DatapathNode&) = delete;

    /// Everything before the window's end, in order.
    virtual void RunWindow(WindowContext& context) = 0;
    /// One event.
    virtual void RunEvent(ReferenceContext& context, const ReferenceEvent& event) = 0;

    /// Asks for memory that arrivals will need, beyond the ports'. Hidden by nodes that have any.
    void PrefetchState() const
    {
    }

    uint32_t id;
    std::vector<DatapathPort> ports;
    /// By tie rank: the links from the ports' peers. Together, since every window looks at all.
    std::vector<LinkReceiver> in;
    std::vector<uint16_t> portOfRank; ///< inverse of tieRank
    TransmitAgenda transmits;
    TimerAgenda timers;
    SimTime nextTime =
        SimTime::never(); ///< window engine: first event known at the last window's end
    uint64_t load = 0;    ///< window engine: events since the nodes were last divided
};

} // namespace ns3
