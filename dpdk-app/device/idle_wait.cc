// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/device/idle_wait.h"

#include <rte_pause.h>
#include <sys/prctl.h>
#include <time.h>

#include <algorithm>

namespace railyard::lab {
namespace {

// After the last frame the next may come soon: a message is answered within some round trips.
constexpr SimTime kSpin = SimTime::microseconds(20);
// A timer fires late by some microseconds; what is due is waited for awake.
constexpr SimTime kWakeEarly = SimTime::microseconds(10);

}  // namespace

IdleWait::IdleWait(bool real_time) : spin_(real_time ? SimTime{} : kSpin) {
  prctl(PR_SET_TIMERSLACK, 1UL);  // the default, 50 us, is longer than the sleep
}

void IdleWait::wait(SimTime now, SimTime due, SimTime longest) const {
  constexpr int64_t kPicosecondsPerNanosecond = 1'000;
  const SimTime until = std::min(longest, due - now - kWakeEarly);
  if (now - idle_since_ < spin_ || until <= SimTime{}) return rte_pause();
  const timespec time{0, static_cast<long>(until.ps / kPicosecondsPerNanosecond)};
  clock_nanosleep(CLOCK_MONOTONIC, 0, &time, nullptr);
}

}  // namespace railyard::lab
