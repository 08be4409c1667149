// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "traffic/protocol/switching/switch_event.h"

#include <cstdint>

namespace ns3
{

/// Codes of DatapathEvent that RoCE nodes log: railyard::SwitchEvent's, with the same values, then
/// more. `port` is the port that it happened at.
namespace RoceEvent
{
enum Code : uint16_t
{
    PauseSent = static_cast<uint16_t>(railyard::SwitchEvent::PauseSent),
    ResumeSent = static_cast<uint16_t>(railyard::SwitchEvent::ResumeSent),
    PauseStarted = static_cast<uint16_t>(railyard::SwitchEvent::PauseStarted),
    PauseEnded = static_cast<uint16_t>(railyard::SwitchEvent::PauseEnded),
    Dropped = static_cast<uint16_t>(railyard::SwitchEvent::Dropped),
    Marked,          ///< value: flow; only where logTraces is set
    QueuePairFailed, ///< value: flow
    MessageReceived, ///< value: flow, of which the next message arrived in full; see logTraces
    MessageAcked,    ///< value: flow, of which the oldest message was acknowledged; see logTraces
};
} // namespace RoceEvent

} // namespace ns3
