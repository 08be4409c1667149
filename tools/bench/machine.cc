// SPDX-License-Identifier: GPL-2.0-only
#include "tools/bench/machine.h"

#include <sched.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include <fmt/format.h>

namespace railyard::bench {
namespace {

// Of programs that wake now and then, and of the measurement before.
constexpr double kToleratedLoad = 0.5;

std::string cpu_model() {
  std::ifstream cpuinfo("/proc/cpuinfo");
  for (std::string line; std::getline(cpuinfo, line);) {
    const size_t colon = line.find(": ");
    if (line.rfind("model name", 0) == 0 && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown";
}

uint32_t usable_cores() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return static_cast<uint32_t>(CPU_COUNT(&set));
}

std::string format_kib(long bytes) {
  constexpr long kMiB = 1024 * 1024;
  return bytes >= kMiB && bytes % kMiB == 0 ? fmt::format("{} MiB", bytes / kMiB)
                                            : fmt::format("{} KiB", bytes / 1024);
}

std::string cache_sizes() {
  const std::pair<const char*, int> levels[] = {
      {"L1d", _SC_LEVEL1_DCACHE_SIZE}, {"L2", _SC_LEVEL2_CACHE_SIZE}, {"L3", _SC_LEVEL3_CACHE_SIZE}};
  std::string text;
  for (const auto& [name, key] : levels) {
    const long bytes = sysconf(key);
    if (bytes > 0) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", name, format_kib(bytes));
  }
  return text.empty() ? "unknown" : text;
}

std::string kernel_release() {
  utsname name{};
  return uname(&name) == 0 ? fmt::format("{} {}", name.sysname, name.release) : "unknown";
}

}  // namespace

Machine describe_this_machine() {
  Machine machine;
  machine.cpu = cpu_model();
  machine.cores = usable_cores();
  machine.caches = cache_sizes();
  machine.kernel = kernel_release();
#ifdef __clang__
  machine.compiler = __VERSION__;
#else
  machine.compiler = "g++ " __VERSION__;
#endif
  machine.build_type = RAILYARD_BUILD_TYPE;
#ifdef RAILYARD_BUILD_IS_FAST
  machine.optimised = true;
#endif
  double load = 0;
  if (getloadavg(&load, 1) == 1) machine.load_average = load;
  return machine;
}

std::string to_text(const Machine& machine) {
  return fmt::format("{}, {} cores ({}), {}\n{}, build {}; load average {:.1f}\n", machine.cpu, machine.cores,
                     machine.caches, machine.kernel, machine.compiler, machine.build_type,
                     machine.load_average);
}

std::vector<std::string> doubts_about(const Machine& machine, uint32_t threads) {
  std::vector<std::string> doubts;
  if (!machine.optimised)
    doubts.push_back(fmt::format("the build is not optimised ({}): measure with cmake --preset release",
                                 machine.build_type));
  if (threads > machine.cores)
    doubts.push_back(fmt::format("{} threads share {} cores", threads, machine.cores));
  else if (machine.load_average > machine.cores - threads + kToleratedLoad)
    doubts.push_back(
        fmt::format("the load average of {:.1f} leaves fewer than {} of {} cores free: wall-clock times are "
                    "too long, and other programs empty the caches",
                    machine.load_average, threads, machine.cores));
  return doubts;
}

}  // namespace railyard::bench
