// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/agent/lcore_loop.h"

#include <rte_pause.h>
#include <sys/prctl.h>
#include <time.h>

#include <algorithm>
#include <chrono>
#include <thread>

namespace railyard::lab {
namespace {

constexpr int64_t kMicrosecond = 1'000'000;
// After the last frame the next may come soon: a message is answered within some round trips.
constexpr int64_t kSpinPs = 20 * kMicrosecond;
// A sleep this short delays a frame that comes by less than what a virtual device takes anyway, and still
// leaves most of a shared processor to others.
constexpr int64_t kSleepPs = 20 * kMicrosecond;
constexpr int64_t kSleepWithoutRunPs = 200 * kMicrosecond;
// A timer fires late by some microseconds; what is due is waited for awake.
constexpr int64_t kWakeEarlyPs = 10 * kMicrosecond;

void sleep_ps(int64_t ps) {
  constexpr int64_t kPicosecondsPerNanosecond = 1'000;
  const timespec time{0, static_cast<long>(ps / kPicosecondsPerNanosecond)};
  clock_nanosleep(CLOCK_MONOTONIC, 0, &time, nullptr);
}

}  // namespace

void LcoreLoop::run() {
  prctl(PR_SET_TIMERSLACK, 1UL);  // the default, 50 us, is longer than the sleep
  LcoreWork* held = nullptr;
  int64_t idle_since = clock_.now_ps();
  while (!quit_.load(std::memory_order_acquire)) {
    if (LcoreWork* wanted = wanted_.load(std::memory_order_acquire); wanted != held) {
      held = wanted;
      held_.store(held, std::memory_order_release);
    }
    const int64_t now = clock_.now_ps();
    if (held == nullptr) {
      sleep_ps(kSleepWithoutRunPs);
    } else if (held->poll(now)) {
      idle_since = now;
    } else {
      idle(*held, now, idle_since);
    }
  }
  held_.store(nullptr, std::memory_order_release);
}

void LcoreLoop::idle(const LcoreWork& work, int64_t now, int64_t idle_since) const {
  if (now - idle_since < kSpinPs) return rte_pause();
  const int64_t due = work.next_due();
  const int64_t longest = work.running() ? kSleepPs : kSleepWithoutRunPs;
  const int64_t sleep = due == SimTime::never().ps ? longest : std::min(longest, due - kWakeEarlyPs - now);
  if (sleep > 0)
    sleep_ps(sleep);
  else
    rte_pause();
}

void LcoreLoop::hold(LcoreWork* work) {
  wanted_.store(work, std::memory_order_release);
  while (held_.load(std::memory_order_acquire) != work)
    std::this_thread::sleep_for(std::chrono::microseconds(50));
}

}  // namespace railyard::lab
