// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "forwarding-table.h"
#include "roce-node.h"

#include "traffic/protocol/switching/switch_core.h"

#include <cstdint>
#include <utility>
#include <vector>

namespace ns3
{

/// A frame as railyard::SwitchCore handles it: what is changed of it is in one word.
struct SwitchFrame
{
    const railyard::Packet& packet;
    railyard::PacketTail tail;

    uint32_t length() const
    {
        return tail.frame_bytes();
    }

    uint32_t dscp() const
    {
        return tail.tos() >> 2;
    }

    bool ecn_capable() const
    {
        return (tail.tos() & railyard::ecn::kMask) != railyard::ecn::kNotEct;
    }

    uint32_t ingress() const
    {
        return tail.ingress();
    }

    uint32_t priority_group() const
    {
        return tail.priority_group();
    }

    void store(uint32_t port, uint8_t bufferClass)
    {
        tail = tail.stored_at(port, bufferClass);
    }

    void mark()
    {
        tail = tail.with_ce();
    }
};

/// A switch as a datapath node: railyard::SwitchCore between links, and the way from a destination
/// to a port.
class SwitchNode : public RoceNode<SwitchNode>
{
  public:
    SwitchNode(uint32_t id,
               std::vector<DatapathPort>&& ports,
               const std::vector<uint16_t>& tieRanks,
               railyard::SwitchCore core)
        : RoceNode(id, std::move(ports), tieRanks),
          core(std::move(core))
    {
    }

    template <class Context>
    void OnArrival(Context& context, DatapathPort& in, const railyard::Packet& packet, SimTime now);
    template <class Context>
    void OnTimer(Context& context, uint32_t timer, SimTime now);
    template <class Context>
    void ServePort(Context& context, DatapathPort& port, SimTime now);

    void PrefetchState() const
    {
        core.prefetch();
    }

    ForwardingTable forwarding;
    railyard::SwitchCore core;

  private:
    template <class Context>
    struct Environment;
};

/// What the core asks of its player.
template <class Context>
struct SwitchNode::Environment
{
    using Port = DatapathPort;
    using Frame = SwitchFrame;

    SwitchNode& node;
    Context& context;

    Port& port(uint32_t index) const
    {
        return node.ports[index];
    }

    Port* route(const Frame& frame) const
    {
        const uint32_t index = node.forwarding.PortFor(frame.packet);
        const bool known = __builtin_expect(index != ForwardingTable::NO_PORT, 1);
        return known ? &node.ports[index] : nullptr;
    }

    static uint32_t depth(const Port& port, uint32_t queue)
    {
        return port.queues[queue].Bytes();
    }

    static Frame front(const Port& port, uint32_t queue)
    {
        const railyard::Packet& packet = port.queues[queue].Front();
        return {packet, railyard::PacketTail::of(packet)};
    }

    void pop(Port& port, uint32_t queue, const Frame& frame) const
    {
        node.Dequeue(context, port, queue, frame.length());
    }

    void enqueue(Port& port, uint32_t queue, const Frame& frame) const
    {
        frame.tail.copy(frame.packet, node.Enqueue(context, port, queue, frame.length()));
    }

    void enqueue_pause(Port& port, const railyard::PauseRequest& request) const
    {
        railyard::Packet frame{};
        frame.kind = railyard::PacketKind::Pfc;
        frame.psn = request.quanta[__builtin_ctz(request.enable_vector)];
        frame.entropy = request.enable_vector;
        frame.frame_bytes = railyard::wire::kPfcFrame;
        node.Enqueue(context, port, railyard::kControlQueue, frame.frame_bytes) = frame;
    }

    void transmit(Port& port, const Frame& frame, SimTime now) const
    {
        node.Transmit(context, port, frame.packet, frame.tail, now);
    }

    static void discard(const Frame& /* frame */)
    {
    }

    void await_end(Port& port) const
    {
        context.ScheduleTransmit(node, port);
    }

    void set_timer(const Port& port, uint32_t kind, uint32_t which, SimTime at) const
    {
        context.SetTimer(node, at, PortTimerId(kind, port.index, which));
    }

    void log(railyard::SwitchEvent event, const Port& port, uint32_t value, SimTime now) const
    {
        context.Log({now, node.id, port.index, static_cast<uint16_t>(event), value});
    }

    void marked(const Port& port, const Frame& frame, SimTime now) const
    {
        if (node.logTraces)
        {
            context.Log({now, node.id, port.index, RoceEvent::Marked, frame.packet.flow});
        }
    }
};

template <class Context>
void
SwitchNode::OnArrival(Context& context,
                      DatapathPort& in,
                      const railyard::Packet& packet,
                      SimTime now)
{
    const Environment<Context> environment{*this, context};
    if (__builtin_expect(packet.kind == railyard::PacketKind::Pfc, 0))
    {
        core.receive_pause(environment, in, PauseOf(packet), now);
        return;
    }
    SwitchFrame frame{packet, railyard::PacketTail::of(packet)};
    core.arrive(environment, in, frame, now);
}

template <class Context>
void
SwitchNode::ServePort(Context& context, DatapathPort& port, SimTime now)
{
    core.serve(Environment<Context>{*this, context}, port, now);
}

template <class Context>
void
SwitchNode::OnTimer(Context& context, uint32_t timer, SimTime now)
{
    const uint32_t what = timer & ((1u << TIMER_KIND_SHIFT) - 1);
    core.on_timer(Environment<Context>{*this, context},
                  ports[what / railyard::kPriorities],
                  timer >> TIMER_KIND_SHIFT,
                  what % railyard::kPriorities,
                  now);
}

} // namespace ns3
