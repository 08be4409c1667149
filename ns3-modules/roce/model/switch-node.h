// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "forwarding-table.h"
#include "roce-node.h"

#include "traffic/protocol/switching/ecn_marker.h"
#include "traffic/protocol/switching/shared_buffer.h"
#include "traffic/units/random_stream.h"

#include <array>
#include <cstdint>
#include <vector>

namespace ns3
{

/// Counters of a switch port beyond those that every port has.
struct SwitchPortCounters
{
    uint64_t marked = 0; ///< frames that left here with CE set by this switch
    std::array<uint64_t, railyard::kDropReasons> drops{};
    uint64_t pausesSent = 0; ///< refreshes not counted
};

/**
 * The datapath of a store-and-forward, shared-buffer switch with strict-priority queues.
 *
 * A frame is accounted for from the end of the pipeline until its transmission begins.
 */
class SwitchNode final : public RoceNode<SwitchNode>
{
  public:
    using RoceNode::RoceNode;

    /// What the switch holds for one priority group of one port; one cache line.
    struct alignas(64) IngressGroup
    {
        railyard::PriorityGroup held;
        railyard::BufferProfile profile;
        int64_t refreshAt = 0; ///< when a pause of ours must be repeated
    };

    using IngressGroups = std::array<IngressGroup, railyard::kPriorities>;

    template <class Context>
    void OnArrival(Context& context, DatapathPort& in, const railyard::Packet& packet, int64_t now);
    template <class Context>
    void OnTimer(Context& context, uint32_t id, int64_t now);
    template <class Context>
    void ServePort(Context& context, DatapathPort& port, int64_t now);

    ForwardingTable forwarding;
    railyard::BufferPool pool;
    std::vector<IngressGroups> ingress;                             ///< by port
    std::array<railyard::EcnMarker, railyard::kPriorities> markers; ///< by queue
    railyard::DynamicThreshold lossyEgressThreshold;
    std::array<uint8_t, railyard::kPriorities> pfcOfGroup{};
    uint32_t pauseQuanta = 0;
    railyard::RandomStream random{0, 0};
    std::vector<SwitchPortCounters> counters; ///< by port
    bool logMarks = false;

  private:
    enum SwitchTimerKind : uint32_t
    {
        RefreshPause = FIRST_KIND_OF_DERIVED
    };

    template <class Context>
    railyard::PacketTail Mark(Context& context,
                              const DatapathPort& out,
                              uint32_t queue,
                              const railyard::Packet& packet,
                              railyard::PacketTail tail,
                              int64_t now);
    template <class Context>
    void Release(Context& context, railyard::PacketTail left, int64_t now);
    /// Pauses the sender and takes the frame into the headroom, or drops it. False: dropped.
    template <class Context>
    [[gnu::noinline]] bool AdmitBeyondLimit(Context& context,
                                            DatapathPort& in,
                                            uint32_t group,
                                            uint32_t frameBytes,
                                            int64_t now);
    bool LossyQueueTakes(const DatapathPort& out, uint32_t queue, uint32_t frameBytes) const;
    template <class Context>
    [[gnu::noinline]] void Drop(Context& context,
                                DatapathPort& port,
                                railyard::DropReason reason,
                                int64_t now);
    template <class Context>
    [[gnu::noinline]] void SendPfc(Context& context,
                                   DatapathPort& port,
                                   uint32_t group,
                                   bool pause,
                                   int64_t now);
};

template <class Context>
void
SwitchNode::OnArrival(Context& context,
                      DatapathPort& in,
                      const railyard::Packet& packet,
                      int64_t now)
{
    using namespace railyard;
    if (__builtin_expect(packet.kind == PacketKind::Pfc, 0))
    {
        ReceivePfc(context, in, packet, now);
        return;
    }
    const uint32_t outPort = forwarding.PortFor(packet);
    if (__builtin_expect(outPort == ForwardingTable::NO_PORT, 0))
    {
        Drop(context, in, DropReason::NoRoute, now);
        return;
    }
    DatapathPort* const out = &ports[outPort];
    const uint8_t bufferClass = classification.ClassOf(packet.tos);
    const uint32_t queue = bufferClass >> 4;
    IngressGroup& group = ingress[in.index][bufferClass & 0xf];
    const PacketTail tail = PacketTail::of(packet).stored_at(in.index, bufferClass);
    if (__builtin_expect(fits(pool, group.held, group.profile, packet.frame_bytes), 1))
    {
        // One branch: each of these alone would be guessed wrong too often.
        const bool idle = (out->queued == 0) & (now >= out->busyUntil) & !out->transmitPending &
                          (((out->paused >> queue) & 1) == 0) & !group.held.paused;
        if (idle)
        {
            // It leaves as it comes: what it would hold of the buffer it would give back at once.
            Transmit(context, *out, packet, Mark(context, *out, queue, packet, tail, now), now);
            return;
        }
        hold(pool, group.held, group.profile, packet.frame_bytes);
    }
    else if (!AdmitBeyondLimit(context, in, bufferClass & 0xf, packet.frame_bytes, now))
    {
        return;
    }
    if (!group.profile.lossless && !LossyQueueTakes(*out, queue, packet.frame_bytes))
    {
        Drop(context, *out, DropReason::EgressFull, now);
        Release(context, tail, now);
        return;
    }
    const PacketTail marked = Mark(context, *out, queue, packet, tail, now);
    marked.copy(packet, Enqueue(context, *out, queue, packet.frame_bytes));
    Kick(context, *out, now);
}

template <class Context>
bool
SwitchNode::AdmitBeyondLimit(Context& context,
                             DatapathPort& in,
                             uint32_t group,
                             uint32_t frameBytes,
                             int64_t now)
{
    IngressGroup& here = ingress[in.index][group];
    const railyard::Admission admission =
        railyard::admit(pool, here.held, here.profile, static_cast<int32_t>(frameBytes));
    if (admission.pause)
    {
        ++counters[in.index].pausesSent;
        context.Log({now, id, in.index, RoceEvent::PauseSent, pfcOfGroup[group]});
        SendPfc(context, in, group, true, now);
    }
    if (!admission.admitted)
    {
        Drop(context, in, admission.reason, now);
    }
    return admission.admitted;
}

inline bool
SwitchNode::LossyQueueTakes(const DatapathPort& out, uint32_t queue, uint32_t frameBytes) const
{
    return out.queues[queue].Bytes() + frameBytes <= lossyEgressThreshold.of(pool.size - pool.used);
}

template <class Context>
railyard::PacketTail
SwitchNode::Mark(Context& context,
                 const DatapathPort& out,
                 uint32_t queue,
                 const railyard::Packet& packet,
                 railyard::PacketTail tail,
                 int64_t now)
{
    using namespace railyard;
    const uint32_t depth = out.queues[queue].Bytes();
    const EcnMarker& marker = markers[queue];
    const bool capable = (packet.tos & ecn::kMask) != ecn::kNotEct;
    if (__builtin_expect(!(capable & (depth > marker.minimum)), 1) || !marker.marks(depth, random))
    {
        return tail;
    }
    ++counters[out.index].marked;
    if (logMarks)
    {
        context.Log({now, id, out.index, RoceEvent::Marked, packet.flow});
    }
    return tail.with_ce();
}

template <class Context>
void
SwitchNode::ServePort(Context& context, DatapathPort& port, int64_t now)
{
    const uint32_t eligible = port.Eligible();
    if (eligible == 0)
    {
        return;
    }
    const uint32_t queue = 31 - __builtin_clz(eligible);
    const railyard::PacketTail left = TransmitFrom(context, port, queue, now);
    if (queue != CONTROL_QUEUE)
    {
        Release(context, left, now);
    }
    if (port.Eligible() != 0)
    {
        context.ScheduleTransmit(*this, port);
    }
}

template <class Context>
void
SwitchNode::Release(Context& context, railyard::PacketTail left, int64_t now)
{
    const uint32_t group = left.priority_group();
    IngressGroup& from = ingress[left.ingress()][group];
    if (railyard::release(pool, from.held, from.profile, static_cast<int32_t>(left.frame_bytes())))
    {
        DatapathPort& in = ports[left.ingress()];
        context.Log({now, id, in.index, RoceEvent::ResumeSent, pfcOfGroup[group]});
        SendPfc(context, in, group, false, now);
    }
}

template <class Context>
void
SwitchNode::Drop(Context& context, DatapathPort& port, railyard::DropReason reason, int64_t now)
{
    ++counters[port.index].drops[static_cast<size_t>(reason)];
    context.Log({now, id, port.index, RoceEvent::Dropped, static_cast<uint64_t>(reason)});
}

template <class Context>
void
SwitchNode::SendPfc(Context& context, DatapathPort& port, uint32_t group, bool pause, int64_t now)
{
    railyard::Packet frame{};
    frame.kind = railyard::PacketKind::Pfc;
    frame.psn = pause ? pauseQuanta : 0;
    frame.entropy = 1u << pfcOfGroup[group];
    frame.frame_bytes = railyard::wire::kPfcFrame;
    if (pause)
    {
        // Repeated at half time, so that the peer does not start again while we still need it to
        // stand.
        int64_t& refreshAt = ingress[port.index][group].refreshAt;
        refreshAt = now + railyard::pause_duration(pauseQuanta, port.psPerByte).ps / 2;
        context.SetTimer(*this, refreshAt, PortTimerId(RefreshPause, port.index, group));
    }
    Enqueue(context, port, CONTROL_QUEUE, frame.frame_bytes) = frame;
    Kick(context, port, now);
}

template <class Context>
void
SwitchNode::OnTimer(Context& context, uint32_t id, int64_t now)
{
    if (HandlePfcTimer(context, id, now))
    {
        return;
    }
    const uint32_t what = id & ((1u << TIMER_KIND_SHIFT) - 1);
    DatapathPort& port = ports[what / railyard::kPriorities];
    const uint32_t group = what % railyard::kPriorities;
    const IngressGroup& here = ingress[port.index][group];
    if (here.held.paused && here.refreshAt == now)
    {
        SendPfc(context, port, group, true, now);
    }
}

} // namespace ns3
