// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/run/available_memory.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <limits>
#include <optional>
#include <sstream>

namespace railyard {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kUnlimited = std::numeric_limits<uint64_t>::max();

// The number after `key` at the beginning of a line.
std::optional<uint64_t> field_of(const fs::path& file, const std::string& key) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    std::string first;
    uint64_t value = 0;
    if (words >> first >> value && first == key) return value;
  }
  return std::nullopt;
}

// A file that holds a number alone; "max" and what is not there are none.
std::optional<uint64_t> number_in(const fs::path& file) {
  std::ifstream in(file);
  uint64_t value = 0;
  if (in >> value) return value;
  return std::nullopt;
}

uint64_t left_of(uint64_t limit, uint64_t used) {
  return limit > used ? limit - used : 0;
}

// How the two versions of cgroups name things. [Linux, Documentation/admin-guide/cgroup-v2.rst, cgroup-v1/
// memory.rst]
struct CgroupNames {
  const char *mount, *limit, *used, *reclaimable;
};
constexpr CgroupNames kVersion2{"sys/fs/cgroup", "memory.max", "memory.current", "inactive_file"};
constexpr CgroupNames kVersion1{"sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes",
                                "total_inactive_file"};

// Every cgroup from `path` up to the mount has its limit. In a container the path may be that of the host:
// what is not there has none.
void limit_by_cgroups(const fs::path& root, const CgroupNames& names, fs::path path, AvailableMemory& least) {
  for (;; path = path.parent_path()) {
    const fs::path folder = root / names.mount / path.relative_path();
    const auto limit = number_in(folder / names.limit);
    const auto used = number_in(folder / names.used);
    if (limit && used) {
      const uint64_t files = field_of(folder / "memory.stat", names.reclaimable).value_or(0);
      const uint64_t left = left_of(*limit, left_of(*used, files));
      if (left < least.bytes.n) least = {Bytes{left}, "cgroup " + path.string()};
    }
    if (path == path.parent_path()) return;
  }
}

void limit_by_address_space(const fs::path& root, AvailableMemory& least) {
  rlimit limit{};
  if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return;
  const uint64_t pages = number_in(root / "proc/self/statm").value_or(0);
  const uint64_t left = left_of(limit.rlim_cur, pages * static_cast<uint64_t>(sysconf(_SC_PAGESIZE)));
  if (left < least.bytes.n) least = {Bytes{left}, "ulimit -v"};
}

}  // namespace

AvailableMemory available_memory(const fs::path& root) {
  AvailableMemory least{Bytes{kUnlimited}, ""};
  constexpr uint64_t kKibibyte = 1024;  // proc(5)'s "kB"
  if (const auto free = field_of(root / "proc/meminfo", "MemAvailable:"))
    least = {Bytes{*free * kKibibyte}, "MemAvailable"};
  std::ifstream cgroups(root / "proc/self/cgroup");
  for (std::string line; std::getline(cgroups, line);) {  // hierarchy:controllers:path
    const size_t first = line.find(':'), second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
    const fs::path path = line.substr(second + 1);
    if (controllers == ",,") limit_by_cgroups(root, kVersion2, path, least);
    if (controllers.find(",memory,") != std::string::npos) limit_by_cgroups(root, kVersion1, path, least);
  }
  limit_by_address_space(root, least);
  return least;
}

}  // namespace railyard
