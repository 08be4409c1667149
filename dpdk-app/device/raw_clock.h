// SPDX-License-Identifier: BSD-3-Clause
// CLOCK_MONOTONIC_RAW: what players and controller name instants by. No time daemon slews it.
#pragma once

#include <cstdint>
#include <ctime>

namespace railyard::lab {

inline int64_t raw_clock_ns() {
  constexpr int64_t kNanosecondsPerSecond = 1'000'000'000;
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC_RAW, &now);
  return now.tv_sec * kNanosecondsPerSecond + now.tv_nsec;
}

}  // namespace railyard::lab
