// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/device/real_time.h"

#include <fmt/format.h>
#include <rte_launch.h>
#include <sched.h>
#include <sys/mman.h>

#include <cerrno>
#include <cstring>
#include <limits>

#include "dpdk-app/device/locked_memory.h"

namespace railyard::lab {
namespace {

// Below the kernel's threads for interrupts, which have 50.
constexpr int kPriority = 10;

int prioritise_this_thread(void* /*unused*/) {
  sched_param param{};
  param.sched_priority = kPriority;
  return sched_setscheduler(0, SCHED_FIFO, &param) == 0 ? 0 : errno;
}

}  // namespace

tl::expected<void, std::string> prioritise(const std::vector<unsigned>& lcores) {
  for (const unsigned lcore : lcores) {
    rte_eal_remote_launch(prioritise_this_thread, nullptr, lcore);
    if (const int error = rte_eal_wait_lcore(lcore); error != 0)
      return tl::unexpected(fmt::format(
          "--realtime: the kernel refuses priority {} of SCHED_FIFO ({}); it needs CAP_SYS_NICE "
          "(root, or setcap cap_sys_nice+ep; a user namespace's root does not do) or ulimit -r {}",
          kPriority, std::strerror(error), kPriority));
  }
  return {};
}

bool lock_memory() {
  // Under a limit later allocations would fail.
  if (lock_limit() != std::numeric_limits<uint64_t>::max()) return false;
  return mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) == 0;
}

}  // namespace railyard::lab
