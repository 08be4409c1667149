// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "datapath-event.h"
#include "datapath-node.h"

#include <cstdint>
#include <memory>
#include <queue>
#include <tuple>
#include <vector>

namespace ns3
{

/// An event of the reference engine. The kinds' order is the order in which a node handles them at
/// one instant.
struct ReferenceEvent
{
    enum Kind : uint8_t
    {
        TransmitEnd,
        Arrival,
        Timer
    };

    SimTime time;
    uint32_t node;
    Kind kind;
    uint32_t tie;  ///< the port's tieRank, or the timer's id
    uint32_t port; ///< not for Timer
    railyard::Packet packet;

    friend bool operator>(const ReferenceEvent& a, const ReferenceEvent& b)
    {
        return std::tie(a.time, a.node, a.kind, a.tie) > std::tie(b.time, b.node, b.kind, b.tie);
    }
};

/// The same functions as WindowContext on one global event queue: no windows, no rings, no agendas.
class ReferenceContext
{
  public:
    railyard::Packet& NextPacket(DatapathPort& /* port */)
    {
        return m_next;
    }

    void Send(DatapathPort& port)
    {
        const uint32_t rank = port.peer->tieRank;
        queue.push(
            {m_next.time, port.peerNode, ReferenceEvent::Arrival, rank, port.peer->index, m_next});
    }

    void ScheduleTransmit(DatapathNode& node, DatapathPort& port)
    {
        if (port.end_awaited)
        {
            return;
        }
        port.end_awaited = true;
        queue.push(
            {port.busy_until, node.id, ReferenceEvent::TransmitEnd, port.tieRank, port.index, {}});
    }

    void SetTimer(DatapathNode& node, SimTime time, uint32_t id)
    {
        queue.push({time, node.id, ReferenceEvent::Timer, id, 0, {}});
    }

    void Log(const DatapathEvent& event)
    {
        log.push_back(event);
    }

    void NoteFinished(SimTime now)
    {
        ++finished;
        lastFinish = now;
    }

    PacketChunkPool pool;
    std::priority_queue<ReferenceEvent, std::vector<ReferenceEvent>, std::greater<>> queue;
    std::vector<DatapathEvent> log;
    uint64_t finished = 0;
    SimTime lastFinish;

  private:
    railyard::Packet m_next;
};

/// Hands one event to a node; see RunNodeWindow.
template <class Node>
void
RunNodeEvent(Node& node, ReferenceContext& context, const ReferenceEvent& event)
{
    switch (event.kind)
    {
    case ReferenceEvent::TransmitEnd:
        node.ports[event.port].end_awaited = false;
        node.OnTransmitEnd(context, node.ports[event.port], event.time);
        break;
    case ReferenceEvent::Arrival:
        node.OnArrival(context, node.ports[event.port], event.packet, event.time);
        break;
    case ReferenceEvent::Timer:
        node.OnTimer(context, event.tie, event.time);
        break;
    }
}

} // namespace ns3
