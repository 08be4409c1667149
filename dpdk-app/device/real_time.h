// SPDX-License-Identifier: BSD-3-Clause
// Real-time priority for polling threads, on machines whose processors others use, too.
#pragma once

#include <string>
#include <vector>

#include <tl/expected.hpp>

namespace railyard::lab {

// Schedules these lcores' threads, and no other of the process, ahead of everything of normal priority
// (SCHED_FIFO); before they are launched. Their loops must sleep when idle: beyond 95 % of a second the
// kernel stops them for the rest of it (sched(7), sched_rt_runtime_us). The error says what permission is
// missing.
tl::expected<void, std::string> prioritise(const std::vector<unsigned>& lcores);

// Keeps in memory what the process has touched and will touch. False where it may not lock so much; then
// nothing is locked.
bool lock_memory();
constexpr const char* kMemoryIsNotLocked =
    "--realtime: memory is not locked, so that paging may delay frames; allow CAP_IPC_LOCK, or ulimit -l "
    "unlimited";

}  // namespace railyard::lab
