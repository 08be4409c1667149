// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>

#include "traffic/protocol/switching/pause.h"

namespace railyard {

// How often to repeat the longest pause to a peer that is to stand for a stated time: often enough that none
// runs out while this process is kept from its processor, and soon enough after a resume that somebody else
// sent to it.
constexpr SimTime held_pause_refresh(int64_t ps_per_byte) {
  constexpr SimTime kAtLeast = SimTime::milliseconds(20);
  return std::min(kAtLeast, pause_duration(kLongestPause, ps_per_byte) / 4);
}

}  // namespace railyard
