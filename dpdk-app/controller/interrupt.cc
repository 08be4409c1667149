// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/controller/interrupt.h"

#include <csignal>

namespace railyard::lab {
namespace {

std::atomic<bool> interrupted = false;
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler may touch nothing else");

}  // namespace

void catch_interrupts() {
  struct sigaction action = {};
  action.sa_handler = [](int) { interrupted = true; };
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

const std::atomic<bool>& interruption() {
  return interrupted;
}

}  // namespace railyard::lab
