// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/session/signals.h"

#include <ctime>
#include <initializer_list>

namespace railyard::lab {

sigset_t block_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

bool signalled_within(const sigset_t& signals, int64_t ns) {
  constexpr int64_t kNanosecondsPerSecond = 1'000'000'000;
  const timespec wait{ns / kNanosecondsPerSecond, ns % kNanosecondsPerSecond};
  return sigtimedwait(&signals, nullptr, &wait) > 0;
}

}  // namespace railyard::lab
