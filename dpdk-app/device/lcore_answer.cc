// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/device/lcore_answer.h"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <thread>

namespace railyard::lab {
namespace {

constexpr std::chrono::microseconds kBetweenLooks(50);

}  // namespace

void await_lcore(const std::function<bool()>& answered, std::chrono::milliseconds limit) {
  // Sleeps are counted, and no clock is read: a process that was stopped and continued gets its time, too.
  for (auto looks = limit / kBetweenLooks; looks > 0; --looks) {
    if (answered()) return;
    std::this_thread::sleep_for(kBetweenLooks);
  }
  std::fflush(nullptr);
  fmt::print(stderr,
             "the polling core does not answer: a driver holds it; look at the device and at who is at its "
             "other end, then start again\n");
  std::_Exit(EXIT_FAILURE);  // destructors would free what the lcore still uses
}

}  // namespace railyard::lab
