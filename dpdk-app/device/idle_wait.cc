// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/device/idle_wait.h"

#include <rte_pause.h>
#include <sys/prctl.h>
#include <time.h>

#include <algorithm>

namespace railyard::lab {
namespace {

constexpr int64_t kMicrosecond = 1'000'000;
// After the last frame the next may come soon: a message is answered within some round trips.
constexpr int64_t kSpinPs = 20 * kMicrosecond;
// A timer fires late by some microseconds; what is due is waited for awake.
constexpr int64_t kWakeEarlyPs = 10 * kMicrosecond;

}  // namespace

IdleWait::IdleWait(bool real_time) : spin_ps_(real_time ? 0 : kSpinPs) {
  prctl(PR_SET_TIMERSLACK, 1UL);  // the default, 50 us, is longer than the sleep
}

void IdleWait::wait(int64_t now, int64_t due, int64_t longest) const {
  constexpr int64_t kPicosecondsPerNanosecond = 1'000;
  const int64_t until = std::min(longest, due - now - kWakeEarlyPs);
  if (now - idle_since_ < spin_ps_ || until <= 0) return rte_pause();
  const timespec time{0, static_cast<long>(until / kPicosecondsPerNanosecond)};
  clock_nanosleep(CLOCK_MONOTONIC, 0, &time, nullptr);
}

}  // namespace railyard::lab
