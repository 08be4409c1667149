// SPDX-License-Identifier: BSD-3-Clause
// The loop of one lcore: run to completion over the work that it holds, asleep when nothing is due.
#pragma once

#include <atomic>

#include "dpdk-app/agent/lcore_work.h"

namespace railyard::lab {

class LcoreLoop {
 public:
  explicit LcoreLoop(const TscClock& clock, bool real_time = false) : clock_(clock), real_time_(real_time) {}

  // By the lcore; returns after quit().
  void run();

  // By the control thread: what the lcore shall play from now on; null takes it away. Returns when the lcore
  // no longer touches what it had before.
  void hold(LcoreWork* work);
  void quit() { quit_.store(true, std::memory_order_release); }

 private:
  const TscClock& clock_;
  const bool real_time_;
  std::atomic<LcoreWork*> wanted_{nullptr}, held_{nullptr};
  std::atomic<bool> quit_{false};
};

}  // namespace railyard::lab
