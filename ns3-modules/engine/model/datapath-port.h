// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "link.h"
#include "packet-queue.h"

#include <array>
#include <cstdint>

namespace ns3
{

/// Eight priorities, and MAC control frames.
constexpr uint32_t DATAPATH_QUEUES = 9;

/// What a port counts. Frames are counted from destination MAC to FCS.
struct PortCounters
{
    uint64_t txPackets = 0;
    uint64_t txDataPackets = 0;
    uint64_t txBytes = 0;
};

/// A full-duplex port of a node: its transmitter, its queues and its ends of the link. It must not
/// move once it is wired. The order of the members keeps what a packet touches on few cache lines.
struct alignas(64) DatapathPort
{
    // Transmitter.
    int64_t busyUntil = 0; ///< ps: when the frame in transmission ends
    int32_t psPerByte = 0;
    uint16_t queued = 0;          ///< bit q: queues[q] is not empty
    uint16_t paused = 0;          ///< bit q: queue q must not send
    bool transmitPending = false; ///< an end of transmission is on the agenda
    uint8_t index = 0;            ///< among the node's ports
    uint8_t tieRank = 0;          ///< order among the node's ports at the same instant
    uint32_t peerNode = 0;
    int64_t latencyPs = 0; ///< propagation plus the peer's fixed receive latency
    LinkSender out;        ///< towards the peer

    LinkReceiver in; ///< from the peer
    PortCounters counters;
    uint32_t queuedBytes = 0; ///< of all queues
    uint32_t maxQueuedBytes = 0;
    DatapathPort* peer = nullptr;

    std::array<PacketQueue, DATAPATH_QUEUES> queues;

    uint16_t Eligible() const
    {
        return queued & static_cast<uint16_t>(~paused);
    }

    /// Between windows, by the worker of the port's node. True when the peer has something to
    /// receive.
    bool Publish()
    {
        in.PublishHead();
        return out.PublishTail(peer->in);
    }
};

} // namespace ns3
