// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "link.h"
#include "packet-queue.h"

#include "traffic/protocol/switching/transmitter.h"

#include <array>
#include <cstdint>

namespace ns3
{

/// A full-duplex port of a node: its transmitter, its queues and its ends of the link. It must not
/// move once it is wired. The order of the members keeps what a packet touches on few cache lines.
struct alignas(64) DatapathPort : railyard::Transmitter
{
    uint8_t index = 0;   ///< among the node's ports
    uint8_t tieRank = 0; ///< order among the node's ports at the same instant
    uint32_t peerNode = 0;
    int64_t latencyPs = 0; ///< propagation plus the peer's fixed receive latency
    LinkSender out;        ///< towards the peer

    LinkReceiver in; ///< from the peer
    railyard::TransmitCounters counters;
    DatapathPort* peer = nullptr;

    std::array<PacketQueue, railyard::kEgressQueues> queues;

    /// Between windows, by the worker of the port's node. True when the peer has something to
    /// receive.
    bool Publish()
    {
        in.PublishHead();
        return out.PublishTail(peer->in);
    }
};

} // namespace ns3
