// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "host-node.h"
#include "switch-node.h"

#include "traffic/protocol/switching/faulty_link.h"

#include <type_traits>

namespace ns3
{

/**
 * A node at the end of faulty links. What they do to a packet is drawn where it arrives, before the
 * node sees it: by this node alone, so that no result depends on who runs first.
 *
 * A corrupt packet goes on as any other, and is thrown away by the host that checks its ICRC.
 */
template <class Node>
class FaultyNode final : public Node
{
  public:
    using Node::Node;

    void RunWindow(WindowContext& context) override
    {
        RunNodeWindow(*this, context);
    }

    void RunEvent(ReferenceContext& context, const ReferenceEvent& event) override
    {
        RunNodeEvent(*this, context, event);
    }

    template <class Context>
    void OnArrival(Context& context,
                   DatapathPort& port,
                   const railyard::Packet& packet,
                   SimTime now)
    {
        Pass(context, port, {now, false, packet});
    }

    template <class Context>
    void OnTimer(Context& context, uint32_t timer, SimTime now)
    {
        if (timer >> Node::TIMER_KIND_SHIFT != HELD_BACK)
        {
            Node::OnTimer(context, timer, now);
            return;
        }
        DatapathPort& port = this->ports[timer & ((1u << Node::TIMER_KIND_SHIFT) - 1)];
        auto& held = this->faultyEnds[port.index].held;
        const FaultyEnd::Held arrived = held.front();
        held.pop();
        GoOn(context, port, arrived);
    }

  private:
    static constexpr uint32_t HELD_BACK = 15; ///< the last kind of timer that there is room for

    /// One of the link's two faulty ends, at the time that the packet has.
    template <class Context>
    void Pass(Context& context, DatapathPort& port, const FaultyEnd::Held& arrived)
    {
        FaultyEnd& end = this->faultyEnds[port.index];
        railyard::FaultyLink& link = arrived.atIn ? end.in : end.out;
        const bool reliesOnFcs = arrived.packet.kind == railyard::PacketKind::Pfc;
        const auto verdict = link.pass(arrived.at, reliesOnFcs);
        if (verdict.dropped)
        {
            context.Log({arrived.at,
                         this->id,
                         port.index,
                         RoceEvent::Dropped,
                         static_cast<uint64_t>(railyard::DropReason::LinkFault)});
            return;
        }
        FaultyEnd::Held passed = arrived;
        passed.packet.flags |= verdict.corrupt ? railyard::packet_flag::kCorrupt : uint8_t{0};
        passed.at = verdict.at;
        for (int copies = verdict.duplicate ? 2 : 1; copies > 0; --copies)
        {
            if (passed.at == arrived.at)
            {
                GoOn(context, port, passed);
                continue;
            }
            end.held.push(passed);
            context.SetTimer(*this, passed.at, Node::TimerId(HELD_BACK, port.index));
        }
    }

    /// Past one end: to the other, or to the node.
    template <class Context>
    void GoOn(Context& context, DatapathPort& port, FaultyEnd::Held arrived)
    {
        if (arrived.atIn)
        {
            Receive(context, port, arrived.packet, arrived.at);
            return;
        }
        arrived.atIn = true;
        Pass(context, port, arrived);
    }

    template <class Context>
    void Receive(Context& context, DatapathPort& port, const railyard::Packet& packet, SimTime now)
    {
        constexpr bool IS_HOST = std::is_same_v<Node, HostNode>;
        if (IS_HOST && (packet.flags & railyard::packet_flag::kCorrupt) != 0)
        {
            ++this->faultyEnds[port.index].badIcrc;
            context.Log({now,
                         this->id,
                         port.index,
                         RoceEvent::Dropped,
                         static_cast<uint64_t>(railyard::DropReason::BadIcrc)});
            return;
        }
        Node::OnArrival(context, port, packet, now);
    }
};

} // namespace ns3
