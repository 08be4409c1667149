// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>

namespace ns3
{

/// Codes of DatapathEvent that RoCE nodes log. `port` is the port that it happened at.
namespace RoceEvent
{
enum Code : uint16_t
{
    PauseSent,       ///< value: priority; refreshes are not logged
    ResumeSent,      ///< value: priority
    PauseStarted,    ///< value: queue that may not send
    PauseEnded,      ///< value: queue
    Marked,          ///< value: flow; only where SwitchNode::logMarks is set
    Dropped,         ///< value: DropReason
    QueuePairFailed, ///< value: flow
    MessageReceived, ///< value: flow, of which the next message arrived in full; see logMessages
    MessageAcked,    ///< value: flow, of which the oldest message was acknowledged; see logMessages
};
} // namespace RoceEvent

} // namespace ns3
