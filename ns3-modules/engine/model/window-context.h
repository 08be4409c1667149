// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "datapath-event.h"
#include "datapath-node.h"
#include "window-prefetch.h"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <vector>

namespace ns3
{

/**
 * What a worker of the window engine lends to the node it runs: where to send, what to remember.
 *
 * Nodes are written as templates over their context; ReferenceContext offers the same functions.
 */
class WindowContext
{
  public:
    // For the nodes.

    /// Where to write the next packet for the port's link.
    railyard::Packet& NextPacket(DatapathPort& port)
    {
        return port.out.Next(*port.receiver);
    }

    /// Sends what was written; its time is when the peer may act on it.
    void Send(DatapathPort& port)
    {
        port.out.Append();
    }

    /// Has the node told when the port's transmitter is free again.
    void ScheduleTransmit(DatapathNode& node, DatapathPort& port)
    {
        port.end_awaited = true;
        node.transmits.Set(port.tieRank, port.busy_until);
    }

    void SetTimer(DatapathNode& node, SimTime time, uint32_t id)
    {
        node.timers.Set(time, id);
    }

    void Log(const DatapathEvent& event)
    {
        log.push_back(event);
    }

    /// One of the parties that the run waits for has finished.
    void NoteFinished(SimTime now)
    {
        ++finished;
        lastFinish = std::max(lastFinish, now);
    }

    PacketChunkPool pool;

    // For the engine.

    using ActivityFlag = std::atomic<uint8_t>;

    /// The arrivals before the window's end in the order in which the node handles them, as keys
    /// (ArrivalRank, ArrivalIndex), closed by END_OF_ARRIVALS. They are consumed from their links.
    const uint64_t* GatherArrivals(DatapathNode& node);

    /// When the first packet arrives that the last GatherArrivals() left on a link; never where
    /// it left none.
    SimTime NextArrival() const
    {
        return m_nextArrival;
    }

    static constexpr uint64_t END_OF_ARRIVALS = ~uint64_t{0};
    static constexpr uint32_t INDEX_BITS = LinkReceiver::INDEX_BITS;
    static constexpr uint32_t TIME_SHIFT = INDEX_BITS + TransmitAgenda::RANK_BITS;
    /// A window must be shorter: the time since its start is what remains of a 64-bit key.
    static constexpr SimTime MAX_WINDOW{int64_t{1} << (63 - TIME_SHIFT)};

    SimTime ArrivalTime(uint64_t key) const
    {
        return windowStart + SimTime{static_cast<int64_t>(key >> TIME_SHIFT)};
    }

    static uint32_t ArrivalRank(uint64_t key)
    {
        return (key >> INDEX_BITS) & (TransmitAgenda::MAX_PORTS - 1);
    }

    static uint32_t ArrivalIndex(uint64_t key)
    {
        return key & ((1u << INDEX_BITS) - 1);
    }

    SimTime windowStart;
    SimTime windowEnd;
    std::vector<DatapathEvent> log;
    uint64_t finished = 0;
    SimTime lastFinish;
    uint64_t eventCount = 0;

  private:
    void SortArrivals(uint32_t count);

    SimTime m_nextArrival = SimTime::never();
    std::vector<uint64_t> m_gathered;
    std::vector<uint64_t> m_sorted;
};

/// Runs a node through the window: merges arrivals, ends of transmission and timers. Node has
/// OnArrival, OnTransmitEnd and OnTimer as templates over the context.
template <class Node>
void
RunNodeWindow(Node& node, WindowContext& context)
{
    PrefetchPorts(node);
    node.PrefetchState();
    const uint64_t* arrival = context.GatherArrivals(node);
    PrefetchRingsAndQueues(node);
    uint32_t events = 0;
    for (;;)
    {
        const SimTime transmit = node.transmits.FirstTime();
        const SimTime timer = node.timers.FirstTime();
        const SimTime arrives = *arrival == WindowContext::END_OF_ARRIVALS
                                    ? SimTime::never()
                                    : context.ArrivalTime(*arrival);
        if (transmit <= arrives && transmit <= timer)
        {
            if (transmit >= context.windowEnd)
            {
                break;
            }
            const uint32_t rank = node.transmits.FirstRank();
            DatapathPort& port = node.ports[node.portOfRank[rank]];
            port.end_awaited = false;
            node.OnTransmitEnd(context, port, transmit);
            if (!port.end_awaited)
            {
                node.transmits.Clear(rank);
            }
        }
        else if (arrives <= timer)
        {
            const uint32_t rank = WindowContext::ArrivalRank(*arrival);
            DatapathPort& port = node.ports[node.portOfRank[rank]];
            const railyard::Packet& packet =
                node.in[rank].At(WindowContext::ArrivalIndex(*arrival));
            ++arrival;
            node.OnArrival(context, port, packet, arrives);
        }
        else
        {
            if (timer >= context.windowEnd)
            {
                break;
            }
            node.OnTimer(context, node.timers.PopFirst(), timer);
        }
        ++events;
    }
    context.eventCount += events;
    node.load += events;
    node.nextTime =
        std::min({node.transmits.FirstTime(), node.timers.FirstTime(), context.NextArrival()});
}

} // namespace ns3
