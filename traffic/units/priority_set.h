// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

namespace railyard {

constexpr uint32_t kPriorities = 8;  // traffic classes, priority groups, queues and PFC priorities alike

// A set of priorities 0..7; text form "3,4", "none".
struct PrioritySet {
  uint8_t mask = 0;
  constexpr bool has(uint32_t priority) const { return ((mask >> priority) & 1) != 0; }
  friend constexpr bool operator==(PrioritySet a, PrioritySet b) { return a.mask == b.mask; }
};

}  // namespace railyard
