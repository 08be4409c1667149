// SPDX-License-Identifier: GPL-2.0-only
// What RoCE switches and hosts have in common: sending frames, and obeying PFC.
#pragma once

#include "roce-event.h"

#include "ns3-modules/engine/model/reference-context.h"
#include "ns3-modules/engine/model/window-context.h"
#include "traffic/protocol/switching/faulty_link.h"
#include "traffic/protocol/switching/pause.h"
#include "traffic/protocol/wire/packet.h"
#include "traffic/units/delay_line.h"

#include <array>
#include <cstdint>
#include <vector>

namespace ns3
{

/// The end of a link at the node that receives from it.
struct FaultyEnd
{
    struct Held
    {
        SimTime at;
        bool atIn = false; ///< it is at `in`, otherwise at `out`
        railyard::Packet packet{};
    };

    railyard::FaultyLink out;            ///< as the sender's port has it
    railyard::FaultyLink in;             ///< as this port has it: behind `out`
    railyard::DelayLine<Held> held = {}; ///< packets that are delayed
    uint64_t badIcrc = 0;                ///< packets thrown away here since they are corrupt
};

/// The state behind that; every node of a RoceFabric is one.
class RoceNodeState : public DatapathNode
{
  public:
    using DatapathNode::DatapathNode;

    std::vector<railyard::PauseState> pauses; ///< by port
    std::vector<FaultyEnd> faultyEnds;        ///< by port, of a FaultyNode
    bool logTraces = false;                   ///< log also what records do not need
    railyard::PauseRules pauseRules; ///< response: beyond the latency that every arrival has
};

/// What a PFC frame asks for; the descriptor has room for one length.
inline railyard::PauseRequest
PauseOf(const railyard::Packet& frame)
{
    railyard::PauseRequest request;
    request.enable_vector = static_cast<uint8_t>(frame.entropy);
    request.quanta.fill(static_cast<uint16_t>(frame.psn));
    return request;
}

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
    void OnTransmitEnd(Context& context, DatapathPort& port, SimTime now)
    {
        Self().ServePort(context, port, now);
    }

  protected:
    /// Kinds of timers: railyard::PauseTimer's, then those of the nodes.
    static constexpr uint32_t FIRST_KIND_OF_DERIVED =
        static_cast<uint32_t>(railyard::PauseTimer::Resumes) + 1;

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
                  SimTime now)
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
                        SimTime now)
    {
        port.begin(frameBytes, now);
        port.counters.send(frameBytes, kind == railyard::PacketKind::Data);
        sent.time = port.busy_until + port.latency;
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
        port.counters.queue(frameBytes);
        return port.queues[queue].Append(frameBytes, context.pool);
    }

    /// Takes the first frame, of so many bytes, off a queue.
    template <class Context>
    void Dequeue(Context& context, DatapathPort& port, uint32_t queue, uint32_t frameBytes)
    {
        PacketQueue& packets = port.queues[queue];
        packets.Pop(context.pool);
        port.counters.queued_bytes -= frameBytes;
        if (packets.Empty())
        {
            port.queued &= ~(1u << queue);
        }
    }

    /// Something may have become sendable.
    template <class Context>
    void Kick(Context& context, DatapathPort& port, SimTime now)
    {
        if (port.end_awaited)
        {
            return;
        }
        if (now >= port.busy_until)
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
                                      SimTime now)
    {
        PauseEnvironment<Context> environment{*this, context, port};
        railyard::receive_pause(environment, PauseOf(frame), now);
    }

    /// False when the timer is not one of this class's.
    template <class Context>
    bool HandlePfcTimer(Context& context, uint32_t id, SimTime now)
    {
        const uint32_t kind = id >> TIMER_KIND_SHIFT;
        if (kind >= FIRST_KIND_OF_DERIVED)
        {
            return false;
        }
        const uint32_t what = id & ((1u << TIMER_KIND_SHIFT) - 1);
        PauseEnvironment<Context> environment{*this, context, ports[what / railyard::kPriorities]};
        railyard::on_pause_timer(environment,
                                 static_cast<railyard::PauseTimer>(kind),
                                 what % railyard::kPriorities,
                                 now);
        return true;
    }

  private:
    /// A port, for railyard::receive_pause.
    template <class Context>
    struct PauseEnvironment
    {
        RoceNode& node;
        Context& context;
        DatapathPort& port;

        railyard::PauseState& pauses()
        {
            return node.pauses[port.index];
        }

        const railyard::PauseRules& pause_rules() const
        {
            return node.pauseRules;
        }

        int64_t pause_ps_per_byte() const
        {
            return port.ps_per_byte;
        }

        void arm(railyard::PauseTimer what, uint32_t which, SimTime at)
        {
            context.SetTimer(node, at, PortTimerId(static_cast<uint32_t>(what), port.index, which));
        }

        void pause_started(uint32_t queue, uint32_t /* priority */, SimTime now)
        {
            port.paused |= 1u << queue;
            context.Log({now, node.id, port.index, RoceEvent::PauseStarted, queue});
        }

        void pause_ended(uint32_t queue, SimTime now)
        {
            port.paused &= ~(1u << queue);
            context.Log({now, node.id, port.index, RoceEvent::PauseEnded, queue});
            node.Kick(context, port, now);
        }
    };
};

} // namespace ns3
