// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

namespace railyard {

// What a switch, or a transmitter that obeys pauses, tells of itself; and the value that goes with it.
enum class SwitchEvent : uint16_t {
  PauseSent,     // PFC priority; refreshes are not told
  ResumeSent,    // PFC priority
  PauseStarted,  // queue that may not send
  PauseEnded,    // queue
  Dropped,       // DropReason
};

}  // namespace railyard
