// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "traffic/protocol/transport/queue_pair.h"

#include <cstdint>

namespace ns3
{

using railyard::SimTime;

constexpr uint32_t NO_FLOW = ~uint32_t{0};

/// The sending end of a flow.
struct alignas(64) FlowSender : railyard::SendingQueuePair
{
};

/// The receiving end of a flow.
struct alignas(64) FlowReceiver : railyard::ReceivingQueuePair
{
    uint32_t replyTo = 0; ///< endpoint of the sender
    uint32_t replyEntropy = 0;
    uint16_t port = 0;     ///< its NIC
    bool complete = false; ///< its last message is there
    uint64_t nacks = 0;
    uint64_t cnps = 0;
};

static_assert(sizeof(FlowReceiver) == 64, "an arrival touches one line");

} // namespace ns3
