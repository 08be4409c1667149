// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/agent/lcore_loop.h"

#include "dpdk-app/device/idle_wait.h"
#include "dpdk-app/device/lcore_answer.h"
#include "dpdk-app/device/tsc_clock.h"

namespace railyard::lab {
void LcoreLoop::run() {
  IdleWait idle(real_time_);
  LcoreWork* held = nullptr;
  idle.worked(clock_.now());
  while (!quit_.load(std::memory_order_acquire)) {
    if (LcoreWork* wanted = wanted_.load(std::memory_order_acquire); wanted != held) {
      held = wanted;
      held_.store(held, std::memory_order_release);
    }
    const SimTime now = clock_.now();
    if (held == nullptr) {
      idle.wait(now, SimTime::never(), IdleWait::kLong);
    } else if (held->poll(now)) {
      idle.worked(now);
    } else {
      idle.wait(now, held->next_due(), held->running() ? IdleWait::kShort : IdleWait::kLong);
    }
  }
  held_.store(nullptr, std::memory_order_release);
}

void LcoreLoop::hold(LcoreWork* work) {
  wanted_.store(work, std::memory_order_release);
  await_lcore([&] { return held_.load(std::memory_order_acquire) == work; });
}

}  // namespace railyard::lab
