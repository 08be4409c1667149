// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <filesystem>
#include <string>

#include "traffic/units/quantity.h"

namespace railyard {

struct AvailableMemory {
  Bytes bytes;
  std::string limit;  // what leaves no more: "MemAvailable", "cgroup /user.slice", "ulimit -v"
};

// What this process may still take: the least of the machine's MemAvailable [proc(5)], of what each cgroup
// that it is in leaves it (memory.max of version 2, memory.limit_in_bytes of version 1; pages of files that
// can be dropped do not count as used), and of its limit of address space [getrlimit(2), RLIMIT_AS]. What
// cannot be read limits nothing. `root` is where /proc and /sys are looked for.
AvailableMemory available_memory(const std::filesystem::path& root = "/");

}  // namespace railyard
