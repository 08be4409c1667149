// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "host-node.h"

namespace ns3
{

inline uint32_t
HostNode::NicTimerId(railyard::NicTimer what, uint32_t flow)
{
    switch (what)
    {
    case railyard::NicTimer::Pace:
        return TimerId(Pace, flow);
    case railyard::NicTimer::AckTimeout:
        return TimerId(AckTimeout, flow);
    case railyard::NicTimer::Receiver:
        return TimerId(Receiver, flow);
    case railyard::NicTimer::Window:
        return TimerId(Window, flow);
    }
    return 0;
}

template <class Context>
struct HostNode::Nic
{
    static constexpr bool kMeasuresRtt = false;

    HostNode& host;
    Context& context;
    DatapathPort& port;

    SimTime arrived(SimTime now) const
    {
        return now;
    }

    const railyard::NicRules& rules() const
    {
        return *host.rules;
    }

    railyard::Turn& turn()
    {
        return host.nics[port.index].turn;
    }

    FlowSender& sender(uint32_t flow)
    {
        return *host.FindSender(flow);
    }

    FlowReceiver& receiver(uint32_t flow)
    {
        return *host.FindReceiver(flow);
    }

    uint32_t paused_queues() const
    {
        return port.paused;
    }

    uint32_t answering_queues() const
    {
        return port.queued;
    }

    SimTime busy_until() const
    {
        return port.busy_until;
    }

    SimTime resumed_at(uint32_t /* queue */) const
    {
        return {};
    }

    // Nothing is late here: an answer that waits was there when the transmitter was free.
    template <class DataDue>
    bool answer_goes_first(uint32_t /* queue */, DataDue /* dataDue */) const
    {
        return true;
    }

    void send_answer(uint32_t queue, SimTime now)
    {
        const railyard::Packet& packet = port.queues[queue].Front();
        const auto tail = railyard::PacketTail::of(packet);
        host.Transmit(context, port, packet, tail, now);
        host.Dequeue(context, port, queue, tail.frame_bytes());
    }

    railyard::Packet& next_packet(railyard::SendingQueuePair& /* sender */)
    {
        return context.NextPacket(port);
    }

    railyard::Transmission transmit(railyard::SendingQueuePair& sender,
                                    railyard::Packet& packet,
                                    SimTime now)
    {
        if (sender.retires && sender.queue.is_last_of_all(packet.psn))
        {
            packet.flags |= railyard::packet_flag::kRetires;
        }
        host.FinishTransmit(
            context, port, packet, packet.frame_bytes, railyard::PacketKind::Data, now);
        return {now, port.busy_until};
    }

    void answer(railyard::ReceivingQueuePair& to,
                uint32_t flow,
                railyard::PacketKind kind,
                uint32_t psn,
                uint8_t flags,
                SimTime /* now */)
    {
        auto& receiver = static_cast<FlowReceiver&>(to);
        receiver.cnps += kind == railyard::PacketKind::Cnp ? 1 : 0;
        receiver.nacks += kind == railyard::PacketKind::Nak ? 1 : 0;
        const uint16_t bytes = railyard::wire::answer_frame_bytes(kind);
        const railyard::AnswerClass& answers = rules().class_of(kind);
        railyard::Packet& reply = host.Enqueue(context, port, answers.queue, bytes);
        reply.flow = flow;
        reply.psn = psn;
        reply.entropy = receiver.replyEntropy;
        reply.dst = receiver.replyTo;
        reply.frame_bytes = bytes;
        reply.ingress = 0;
        reply.tos = answers.tos;
        reply.kind = kind;
        reply.flags = flags;
        reply.buffer_class = 0;
    }

    void arm(railyard::NicTimer what, uint32_t flow, SimTime at)
    {
        context.SetTimer(host, at, NicTimerId(what, flow));
    }

    void kick(SimTime now)
    {
        host.Kick(context, port, now);
    }

    void message_received(uint32_t flow, SimTime now)
    {
        LogMessage(RoceEvent::MessageReceived, flow, now);
        host.CallApplication(context,
                             now,
                             [&](HostActions& actions)
                             { host.application->OnMessageReceived(flow, now, actions); });
    }

    void message_acked(uint32_t flow, SimTime now)
    {
        LogMessage(RoceEvent::MessageAcked, flow, now);
        host.CallApplication(context,
                             now,
                             [&](HostActions& actions)
                             { host.application->OnMessageAcked(flow, now, actions); });
    }

    void queue_pair_failed(uint32_t flow, SimTime now)
    {
        context.Log({now, host.id, port.index, RoceEvent::QueuePairFailed, flow});
    }

    void timed_out()
    {
        ++host.timeouts;
    }

    void rtt_measured(SimTime /* rtt */)
    {
    }

  private:
    void LogMessage(RoceEvent::Code code, uint32_t flow, SimTime now)
    {
        if (host.logTraces)
        {
            context.Log({now, host.id, port.index, code, flow});
        }
    }
};

inline void
HostNode::PutAwayIfDone(FlowSender& sender)
{
    // One that waits for its turn, having gone back, stays.
    if (sender.retires && sender.queue.messages.empty() &&
        sender.schedule == railyard::SendingQueuePair::Schedule::Idle)
    {
        laterFlows->PutAway(sender);
    }
}

template <class Context>
void
HostNode::ServePort(Context& context, DatapathPort& port, SimTime now)
{
    Nic<Context> nic{*this, context, port};
    while (port.busy_until <= now && railyard::send_next(nic, now))
    {
    }
    const uint32_t left =
        railyard::sendable_queues(nic.answering_queues(), nic.turn(), nic.paused_queues());
    if (port.busy_until > now && left != 0)
    {
        context.ScheduleTransmit(*this, port);
    }
}

template <class Context>
void
HostNode::OnArrival(Context& context,
                    DatapathPort& port,
                    const railyard::Packet& packet,
                    SimTime now)
{
    using railyard::PacketKind;
    Nic<Context> nic{*this, context, port};
    switch (packet.kind)
    {
    case PacketKind::Data:
    {
        const bool held = packet.flow < heldFlows;
        FlowReceiver& receiver =
            held ? receivers[packet.flow] : laterFlows->ReceiverOf(packet.flow, now);
        railyard::receive_data(nic, receiver, packet, now);
        if ((packet.flags & railyard::packet_flag::kRetires) != 0 &&
            receiver.queue.expected_psn == packet.psn + 1)
        {
            laterFlows->NoteComplete(packet.flow, receiver);
        }
        break;
    }
    case PacketKind::Ack:
        if (FlowSender* const sender = FindSender(packet.flow))
        {
            railyard::receive_ack(nic, *sender, packet.psn, packet.flags, now);
            PutAwayIfDone(*sender);
        }
        break;
    case PacketKind::Nak:
        if (FlowSender* const sender = FindSender(packet.flow))
        {
            railyard::receive_nak(nic, *sender, packet.psn, packet.flags, now);
            PutAwayIfDone(*sender);
        }
        break;
    case PacketKind::Cnp:
        if (FlowSender* const sender = FindSender(packet.flow))
        {
            railyard::receive_cnp(*sender, now);
        }
        break;
    case PacketKind::Pfc:
        ReceivePfc(context, port, packet, now);
        break;
    }
}

template <class Context>
void
HostNode::OnTimer(Context& context, uint32_t timer, SimTime now)
{
    using railyard::NicTimer;
    if (HandlePfcTimer(context, timer, now))
    {
        return;
    }
    const uint32_t flow = timer & ((1u << TIMER_KIND_SHIFT) - 1);
    // What was put away needs no timer.
    const auto nicTimer = [&](NicTimer what, const auto* end)
    {
        if (end != nullptr)
        {
            Nic<Context> nic{*this, context, ports[end->port]};
            railyard::on_nic_timer(nic, what, flow, now, now);
        }
    };
    switch (timer >> TIMER_KIND_SHIFT)
    {
    case Pace:
        nicTimer(NicTimer::Pace, FindSender(flow));
        break;
    case AckTimeout:
        nicTimer(NicTimer::AckTimeout, FindSender(flow));
        break;
    case Receiver:
        nicTimer(NicTimer::Receiver, FindReceiver(flow));
        break;
    case Window:
        nicTimer(NicTimer::Window, FindSender(flow));
        break;
    case WakeApplication:
        CallApplication(
            context, now, [&](HostActions& actions) { application->OnWake(now, actions); });
        break;
    default:
        break;
    }
}

template <class Context, class Callback>
void
HostNode::CallApplication(Context& context, SimTime now, Callback callback)
{
    if (application == nullptr)
    {
        return;
    }
    m_actions.posts.clear();
    m_actions.wakeAt.clear();
    m_actions.finished = 0;
    callback(m_actions);
    for (const HostActions::Post& post : m_actions.posts)
    {
        const bool held = post.flow < heldFlows;
        FlowSender& sender = held ? senders[post.flow] : laterFlows->SenderOf(post.flow);
        sender.retires |= post.last && !held && !laterFlows->IsKept(post.flow);
        Nic<Context> nic{*this, context, ports[sender.port]};
        railyard::post_message(nic, sender, post.bytes, now);
    }
    for (const SimTime time : m_actions.wakeAt)
    {
        context.SetTimer(*this, time, StartTimer());
    }
    for (; m_actions.finished > 0; --m_actions.finished)
    {
        context.NoteFinished(now);
    }
}

} // namespace ns3
