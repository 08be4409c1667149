// SPDX-License-Identifier: GPL-2.0-only
// What RoCE switches and hosts have in common: sending frames, and obeying PFC.
#pragma once

#include "roce-event.h"

#include "ns3-modules/engine/model/reference-context.h"
#include "ns3-modules/engine/model/window-context.h"
#include "traffic/protocol/switching/pause.h"
#include "traffic/protocol/wire/packet.h"

#include <array>
#include <cstdint>
#include <vector>

namespace ns3
{

/// The queue of MAC control frames: served first, never paused.
constexpr uint32_t CONTROL_QUEUE = DATAPATH_QUEUES - 1;

/// How a node maps frames and pauses, and how long it takes to obey.
struct RoceClassification
{
    std::array<uint8_t, 64> classOfDscp{}; ///< priority group, and egress queue << 4
    std::array<uint8_t, railyard::kPriorities>
        queueOfPfc{}; ///< which queue a pause of a priority stops

    uint8_t ClassOf(uint8_t tos) const
    {
        return classOfDscp[tos >> 2];
    }
};

/// The state behind that; every node of a RoceFabric is one.
class RoceNodeState : public DatapathNode
{
  public:
    using DatapathNode::DatapathNode;

    RoceClassification classification;
    std::vector<railyard::PauseState> pauses; ///< by port
    int64_t extraPfcResponsePs = 0;           ///< beyond the latency that every arrival has
};

/// Base of the nodes; Derived has ServePort(context, port, now): send the next frame if there is
/// one.
template <class Derived>
class RoceNode : public RoceNodeState
{
  public:
    using RoceNodeState::RoceNodeState;

    void RunWindow(WindowContext& context) override
    {
        RunNodeWindow(Self(), context);
    }

    void RunEvent(ReferenceContext& context, const ReferenceEvent& event) override
    {
        RunNodeEvent(Self(), context, event);
    }

    template <class Context>
    void OnTransmitEnd(Context& context, DatapathPort& port, int64_t now)
    {
        Self().ServePort(context, port, now);
    }

  protected:
    enum TimerKind : uint32_t
    {
        PauseRunsOut,
        PauseTakesEffect,
        ResumeTakesEffect,
        FIRST_KIND_OF_DERIVED
    };

    // A timer's id: kind, then what the kind needs.
    static constexpr uint32_t TIMER_KIND_SHIFT = 28;

    static uint32_t TimerId(uint32_t kind, uint32_t what)
    {
        return kind << TIMER_KIND_SHIFT | what;
    }

    static uint32_t PortTimerId(uint32_t kind, uint32_t port, uint32_t priority)
    {
        return TimerId(kind, port * railyard::kPriorities + priority);
    }

    Derived& Self()
    {
        return static_cast<Derived&>(*this);
    }

    /// Puts a frame on the link at once; the transmitter must be free.
    template <class Context>
    void Transmit(Context& context,
                  DatapathPort& port,
                  const railyard::Packet& packet,
                  railyard::PacketTail tail,
                  int64_t now)
    {
        railyard::Packet& sent = context.NextPacket(port);
        tail.copy(packet, sent);
        FinishTransmit(context, port, sent, tail.frame_bytes(), tail.kind(), now);
    }

    /// The same for a frame that was written to context.NextPacket(port).
    template <class Context>
    void FinishTransmit(Context& context,
                        DatapathPort& port,
                        railyard::Packet& sent,
                        uint32_t frameBytes,
                        railyard::PacketKind kind,
                        int64_t now)
    {
        port.busyUntil = now + railyard::serialisation_ps(frameBytes, port.psPerByte);
        ++port.counters.txPackets;
        port.counters.txBytes += frameBytes;
        port.counters.txDataPackets += kind == railyard::PacketKind::Data ? 1 : 0;
        sent.time_ps = port.busyUntil + port.latencyPs;
        context.Send(port);
    }

    /// Where the next frame of a queue goes, which has so many bytes; the caller writes it.
    template <class Context>
    railyard::Packet& Enqueue(Context& context,
                              DatapathPort& port,
                              uint32_t queue,
                              uint32_t frameBytes)
    {
        port.queued |= 1u << queue;
        port.queuedBytes += frameBytes;
        port.maxQueuedBytes = std::max(port.maxQueuedBytes, port.queuedBytes);
        return port.queues[queue].Append(frameBytes, context.pool);
    }

    /// Transmits the first frame of a queue; returns what its tail was.
    template <class Context>
    railyard::PacketTail TransmitFrom(Context& context,
                                      DatapathPort& port,
                                      uint32_t queue,
                                      int64_t now)
    {
        PacketQueue& packets = port.queues[queue];
        const auto tail = railyard::PacketTail::of(packets.Front());
        Transmit(context, port, packets.Front(), tail, now);
        packets.Pop(context.pool);
        port.queuedBytes -= tail.frame_bytes();
        if (packets.Empty())
        {
            port.queued &= ~(1u << queue);
        }
        return tail;
    }

    /// Something may have become sendable.
    template <class Context>
    void Kick(Context& context, DatapathPort& port, int64_t now)
    {
        if (port.transmitPending)
        {
            return;
        }
        if (now >= port.busyUntil)
        {
            Self().ServePort(context, port, now);
        }
        else
        {
            context.ScheduleTransmit(*this, port);
        }
    }

    template <class Context>
    [[gnu::noinline]] void ReceivePfc(Context& context,
                                      DatapathPort& port,
                                      const railyard::Packet& frame,
                                      int64_t now)
    {
        for (uint32_t priority = 0; priority < railyard::kPriorities; ++priority)
        {
            if (((frame.entropy >> priority) & 1) == 0)
            {
                continue;
            }
            if (extraPfcResponsePs > 0)
            {
                const TimerKind kind = frame.psn != 0 ? PauseTakesEffect : ResumeTakesEffect;
                context.SetTimer(
                    *this, now + extraPfcResponsePs, PortTimerId(kind, port.index, priority));
                if (frame.psn != 0)
                {
                    pauses[port.index].announce(frame.psn);
                }
            }
            else if (frame.psn != 0)
            {
                StartPause(context, port, classification.queueOfPfc[priority], frame.psn, now);
            }
            else
            {
                EndPause(context, port, classification.queueOfPfc[priority], now);
            }
        }
    }

    /// False when the timer is not one of this class's.
    template <class Context>
    bool HandlePfcTimer(Context& context, uint32_t id, int64_t now)
    {
        const uint32_t kind = id >> TIMER_KIND_SHIFT;
        if (kind >= FIRST_KIND_OF_DERIVED)
        {
            return false;
        }
        const uint32_t what = id & ((1u << TIMER_KIND_SHIFT) - 1);
        DatapathPort& port = ports[what / railyard::kPriorities];
        const uint32_t priority = what % railyard::kPriorities;
        switch (kind)
        {
        case PauseRunsOut: // here the id has the queue itself; a refresh may have come meanwhile
            if (now >= pauses[port.index].until(priority))
            {
                EndPause(context, port, priority, now);
            }
            break;
        case PauseTakesEffect:
            StartPause(context,
                       port,
                       classification.queueOfPfc[priority],
                       pauses[port.index].announced(),
                       now);
            break;
        case ResumeTakesEffect:
            EndPause(context, port, classification.queueOfPfc[priority], now);
            break;
        default:
            break;
        }
        return true;
    }

  private:
    template <class Context>
    void StartPause(Context& context,
                    DatapathPort& port,
                    uint32_t queue,
                    uint32_t quanta,
                    int64_t now)
    {
        const int64_t until = now + railyard::pause_duration_ps(quanta, port.psPerByte);
        context.SetTimer(*this, until, PortTimerId(PauseRunsOut, port.index, queue));
        port.paused |= 1u << queue;
        if (pauses[port.index].pause(queue, until, now))
        {
            context.Log({now, id, port.index, RoceEvent::PauseStarted, queue});
        }
    }

    template <class Context>
    void EndPause(Context& context, DatapathPort& port, uint32_t queue, int64_t now)
    {
        if (!pauses[port.index].resume(queue, now))
        {
            return;
        }
        port.paused &= ~(1u << queue);
        context.Log({now, id, port.index, RoceEvent::PauseEnded, queue});
        Kick(context, port, now);
    }
};

} // namespace ns3
