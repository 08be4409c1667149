// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "host-node.h"

#include <algorithm>

namespace ns3
{

inline void
HostNode::PushReady(FlowSender& sender)
{
    sender.schedule = FlowSender::Schedule::Ready;
    nics[sender.nic].turn.push(sender.dataQueue,
                               sender.queue.flow,
                               [this](uint32_t flow) -> uint32_t&
                               { return senders[flow].nextReady; });
}

inline FlowSender&
HostNode::PopReady(HostNic& nic, uint32_t queue)
{
    const uint32_t flow =
        nic.turn.pop(queue, [this](uint32_t f) -> uint32_t& { return senders[f].nextReady; });
    senders[flow].schedule = FlowSender::Schedule::Idle;
    return senders[flow];
}

inline uint32_t
HostNode::SendableData(const DatapathPort& port) const
{
    return nics[port.index].turn.queues() & ~uint32_t{port.paused};
}

inline int64_t
HostNode::EligibleAt(const FlowSender& sender)
{
    constexpr double BIT_PS = 8e12;
    return sender.pacedFrom +
           static_cast<int64_t>(sender.pacedBytes * BIT_PS / sender.rate.rate_bps());
}

template <class Context>
void
HostNode::ScheduleSender(Context& context, FlowSender& sender, int64_t by)
{
    const int64_t eligible = EligibleAt(sender);
    if (eligible <= by)
    {
        PushReady(sender);
        return;
    }
    sender.schedule = FlowSender::Schedule::Waiting;
    // The rate may rise before the packet is due at today's rate.
    sender.wakeAt = std::min(eligible, sender.rate.deadline().ps);
    context.SetTimer(*this, sender.wakeAt, TimerId(Pace, sender.queue.flow));
}

template <class Context>
void
HostNode::ServePort(Context& context, DatapathPort& port, int64_t now)
{
    const uint32_t eligible = port.eligible();
    if (eligible != 0)
    {
        const uint32_t queue = 31 - __builtin_clz(eligible);
        const railyard::Packet& packet = port.queues[queue].Front();
        const auto tail = railyard::PacketTail::of(packet);
        Transmit(context, port, packet, tail, now);
        Dequeue(context, port, queue, tail.frame_bytes());
    }
    else
    {
        // One in the ring may have nothing to send any more: its packets were acknowledged after it
        // had gone back.
        while (port.busy_until.ps <= now && SendableData(port) != 0)
        {
            SendData(context, port, now);
        }
    }
    if (port.busy_until.ps > now && (port.eligible() != 0 || SendableData(port) != 0))
    {
        context.ScheduleTransmit(*this, port);
    }
}

template <class Context>
void
HostNode::SendData(Context& context, DatapathPort& port, int64_t now)
{
    const uint32_t dataQueue = 31 - __builtin_clz(SendableData(port));
    FlowSender& sender = PopReady(nics[port.index], dataQueue);
    if (!sender.queue.has_packet())
    {
        return; // acknowledged meanwhile, after going back
    }
    railyard::Packet& packet = context.NextPacket(port);
    sender.queue.take_packet(packet, settings->nic.mtu, sender.dataTos, now);
    FinishTransmit(context, port, packet, packet.frame_bytes, railyard::PacketKind::Data, now);

    sender.rate.sent(packet.frame_bytes, railyard::SimTime{now});
    // A packet that had to wait for the port may make up for one packet's time, so that sharing the
    // port does not lower the rate.
    const int64_t onWire = port.busy_until.ps - now;
    sender.pacedFrom = std::max(EligibleAt(sender), now - onWire);
    sender.pacedBytes = packet.frame_bytes + railyard::wire::kPreambleAndGap;

    if (!sender.timeoutArmed && settings->ackTimeoutPs != NEVER_PS)
    {
        sender.timeoutArmed = true;
        context.SetTimer(*this, now + settings->ackTimeoutPs, TimerId(AckTimeout, packet.flow));
    }
    if (sender.queue.has_packet())
    {
        ScheduleSender(context, sender, port.busy_until.ps);
    }
}

template <class Context>
void
HostNode::OnArrival(Context& context,
                    DatapathPort& port,
                    const railyard::Packet& packet,
                    int64_t now)
{
    using railyard::PacketKind;
    switch (packet.kind)
    {
    case PacketKind::Data:
        ReceiveData(context, port, packet, now);
        break;
    case PacketKind::Ack:
        senders[packet.flow].queue.on_ack(
            packet.psn, now, [&] { CompleteMessage(context, port, packet.flow, now); });
        break;
    case PacketKind::Nak:
        senders[packet.flow].queue.on_nak(
            packet.psn, now, [&] { CompleteMessage(context, port, packet.flow, now); });
        Resend(context, senders[packet.flow], now);
        break;
    case PacketKind::Cnp:
        senders[packet.flow].rate.signalled(railyard::CongestionSignal::Cnp,
                                            railyard::SimTime{now});
        break;
    case PacketKind::Pfc:
        ReceivePfc(context, port, packet, now);
        break;
    }
}

template <class Context>
void
HostNode::CompleteMessage(Context& context, DatapathPort& port, uint32_t flow, int64_t now)
{
    if (logMessages)
    {
        context.Log({now, id, port.index, RoceEvent::MessageAcked, flow});
    }
    CallApplication(context,
                    now,
                    [&](HostActions& actions) { application->OnMessageAcked(flow, now, actions); });
}

template <class Context>
void
HostNode::ReceiveData(Context& context,
                      DatapathPort& port,
                      const railyard::Packet& packet,
                      int64_t now)
{
    using railyard::PacketKind;
    FlowReceiver& receiver = receivers[packet.flow];
    const railyard::ReceiveQueue::Verdict verdict =
        receiver.queue.on_data(packet, settings->nic.ack_every, settings->cnpIntervalPs, now);
    if (verdict.cnp)
    {
        ++receiver.cnps;
        Reply(context, port, PacketKind::Cnp, packet.flow, 0);
    }
    if (verdict.ack)
    {
        Reply(context, port, PacketKind::Ack, packet.flow, receiver.queue.expected_psn - 1);
    }
    if (verdict.nak)
    {
        ++receiver.nacks;
        Reply(context, port, PacketKind::Nak, packet.flow, receiver.queue.expected_psn);
    }
    if (verdict.message_complete)
    {
        if (logMessages)
        {
            context.Log({now, id, port.index, RoceEvent::MessageReceived, packet.flow});
        }
        CallApplication(context,
                        now,
                        [&](HostActions& actions)
                        { application->OnMessageReceived(packet.flow, now, actions); });
    }
    Kick(context, port, now);
}

template <class Context>
void
HostNode::Reply(Context& context,
                DatapathPort& port,
                railyard::PacketKind kind,
                uint32_t flow,
                uint32_t psn)
{
    const bool isCnp = kind == railyard::PacketKind::Cnp;
    const uint8_t tos = isCnp ? settings->cnpTos : settings->ackTos;
    const uint32_t bytes = isCnp ? railyard::wire::kCnpFrame : railyard::wire::kAckFrame;
    railyard::Packet& reply = Enqueue(context, port, classification.ClassOf(tos) >> 4, bytes);
    reply.flow = flow;
    reply.psn = psn;
    reply.entropy = receivers[flow].replyEntropy;
    reply.dst = receivers[flow].replyTo;
    reply.frame_bytes = static_cast<uint16_t>(bytes);
    reply.ingress = 0;
    reply.tos = tos;
    reply.kind = kind;
    reply.flags = 0;
    reply.buffer_class = 0;
}

template <class Context>
void
HostNode::Resend(Context& context, FlowSender& sender, int64_t now)
{
    if (sender.queue.retries > settings->nic.retry_cnt)
    {
        sender.queue.give_up();
        context.Log({now, id, sender.nic, RoceEvent::QueuePairFailed, sender.queue.flow});
        return;
    }
    if (sender.schedule == FlowSender::Schedule::Idle && sender.queue.has_packet())
    {
        ScheduleSender(context, sender, now);
        Kick(context, ports[sender.nic], now);
    }
}

template <class Context>
void
HostNode::OnTimer(Context& context, uint32_t timer, int64_t now)
{
    if (HandlePfcTimer(context, timer, now))
    {
        return;
    }
    const uint32_t what = timer & ((1u << TIMER_KIND_SHIFT) - 1);
    switch (timer >> TIMER_KIND_SHIFT)
    {
    case Pace:
        OnPaceTimer(context, senders[what], now);
        break;
    case AckTimeout:
        OnAckTimer(context, senders[what], now);
        break;
    case WakeApplication:
        CallApplication(
            context, now, [&](HostActions& actions) { application->OnWake(now, actions); });
        break;
    default:
        break;
    }
}

template <class Context>
void
HostNode::OnPaceTimer(Context& context, FlowSender& sender, int64_t now)
{
    if (sender.schedule != FlowSender::Schedule::Waiting || sender.wakeAt != now)
    {
        return;
    }
    sender.rate.advance(railyard::SimTime{now});
    ScheduleSender(context, sender, now);
    Kick(context, ports[sender.nic], now);
}

template <class Context>
void
HostNode::OnAckTimer(Context& context, FlowSender& sender, int64_t now)
{
    if (!sender.queue.in_flight())
    {
        sender.timeoutArmed = false;
        return;
    }
    int64_t due = sender.queue.progress_ps + settings->ackTimeoutPs;
    if (due <= now)
    {
        ++timeouts;
        sender.queue.go_back();
        sender.queue.progress_ps = now;
        due = now + settings->ackTimeoutPs;
        Resend(context, sender, now);
    }
    context.SetTimer(*this, due, TimerId(AckTimeout, sender.queue.flow));
}

template <class Context, class Callback>
void
HostNode::CallApplication(Context& context, int64_t now, Callback callback)
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
        FlowSender& sender = senders[post.flow];
        sender.queue.post(post.bytes, settings->nic.mtu);
        if (sender.schedule == FlowSender::Schedule::Idle)
        {
            sender.rate.advance(railyard::SimTime{now});
            ScheduleSender(context, sender, now);
            Kick(context, ports[sender.nic], now);
        }
    }
    for (const int64_t time : m_actions.wakeAt)
    {
        context.SetTimer(*this, time, StartTimer());
    }
    for (; m_actions.finished > 0; --m_actions.finished)
    {
        context.NoteFinished(now);
    }
}

} // namespace ns3
