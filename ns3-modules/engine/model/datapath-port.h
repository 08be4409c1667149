// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "link.h"
#include "packet-queue.h"

#include "traffic/protocol/switching/transmitter.h"

#include <array>
#include <cstdint>

namespace ns3
{

/// A port of a node: its transmitter, its queues and its end of the link towards the peer. (The end
/// from the peer lies with the node's others, DatapathNode::in.) It must not move once it is wired.
/// The order of the members keeps what a packet touches on few cache lines.
struct alignas(64) DatapathPort : railyard::Transmitter
{
    uint16_t index = 0;   ///< among the node's ports
    uint16_t tieRank = 0; ///< order among the node's ports at the same instant
    uint32_t peerNode = 0;
    SimTime latency; ///< propagation plus the peer's fixed receive latency
    LinkSender out;  ///< towards the peer

    railyard::TransmitCounters counters;
    LinkReceiver* receiver = nullptr; ///< the peer's end of `out`
    DatapathPort* peer = nullptr;

    std::array<PacketQueue, railyard::kEgressQueues> queues;
};

} // namespace ns3
