// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/device/eal.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <rte_eal.h>
#include <rte_version.h>
#include <sched.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "dpdk-app/device/eal_log.h"
#include "dpdk-app/device/locked_memory.h"
#include "dpdk-app/device/port_name.h"

namespace railyard::lab {
namespace {

constexpr unsigned kMainLcore = 0;

uint64_t free_huge_megabytes() {
  constexpr uint64_t kKibibytesPerMebibyte = 1'024;
  uint64_t megabytes = 0;
  std::error_code ignored;
  for (const auto& size : std::filesystem::directory_iterator("/sys/kernel/mm/hugepages", ignored)) {
    const std::string name = size.path().filename();  // hugepages-2048kB
    const uint64_t kibibytes = std::strtoull(name.c_str() + std::string("hugepages-").size(), nullptr, 10);
    uint64_t pages = 0;
    std::ifstream(size.path() / "free_hugepages") >> pages;
    megabytes += pages * kibibytes / kKibibytesPerMebibyte;
  }
  return megabytes;
}

// "0@(0,1),1@0,2@1": the main lcore on any CPU, each worker on its own.
std::string lcore_map(const EalOptions& options, const std::vector<unsigned>& usable) {
  std::string map = fmt::format("{}@({})", kMainLcore, fmt::join(usable, ","));
  for (size_t i = 0; i < options.cores.size(); ++i) {
    map += fmt::format(",{}@{}", kMainLcore + 1 + i, options.cores[i]);
  }
  return map;
}

std::vector<std::string> eal_arguments(const EalOptions& options, const std::vector<unsigned>& usable,
                                       bool huge_pages) {
  std::vector<std::string> words = {"railyard",
                                    "--lcores",
                                    lcore_map(options, usable),
                                    "--main-lcore",
                                    std::to_string(kMainLcore),
                                    "--no-telemetry",
                                    "--log-level=error"};
  if (huge_pages) {
    words.emplace_back("--in-memory");
  } else {
    // --in-memory is refused beside --no-huge; --no-shconf leaves out the same files.
    words.insert(words.end(), {"--no-huge", "--no-shconf", "-m",
                               std::to_string(std::max(options.memory_mb, options.most_memory_mb))});
  }
  bool any_pci = false;
  for (const std::string& port : options.ports) {
    if (!is_pci_address(port)) continue;
    words.insert(words.end(), {"-a", port});
    any_pci = true;
  }
  if (!any_pci) words.emplace_back("--no-pci");  // else it would take every device that it can
  return words;
}

tl::expected<void, std::string> check_cores(const EalOptions& options, const std::vector<unsigned>& usable) {
  for (unsigned core : options.cores) {
    if (std::find(usable.begin(), usable.end(), core) != usable.end()) continue;
    return tl::unexpected(
        fmt::format("core {}: this process may not run there; it may on {}", core, fmt::join(usable, ", ")));
  }
  return {};
}

}  // namespace

std::vector<unsigned> usable_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::vector<unsigned> cores;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return cores;
  for (unsigned core = 0; core < CPU_SETSIZE; ++core) {
    if (CPU_ISSET(core, &set)) cores.push_back(core);
  }
  return cores;
}

tl::expected<Eal, std::string> start_eal(const EalOptions& options) {
  const std::vector<unsigned> usable = usable_cores();
  if (auto checked = check_cores(options, usable); !checked) return tl::unexpected(checked.error());

  Eal eal;
  eal.huge_pages = free_huge_megabytes() >= options.memory_mb;
  eal.version = rte_version();
  std::vector<std::string> words = eal_arguments(options, usable, eal.huge_pages);
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());

  const auto is_packet_port = [](const std::string& name) { return name.rfind("af_packet:", 0) == 0; };
  expect_packet_ports(
      static_cast<uint32_t>(std::count_if(options.ports.begin(), options.ports.end(), is_packet_port)));
  route_eal_log();
  const EalLogCapture log;
  // The number it returns says whether it started; rte_errno is EINVAL even after success.
  if (rte_eal_init(static_cast<int>(arguments.size()), arguments.data()) < 0) {
    return tl::unexpected(
        fmt::format("DPDK does not start with '{}'{}", fmt::join(words, " "), log.remark()));
  }
  for (size_t i = 0; i < options.cores.size(); ++i) {
    eal.workers.push_back(kMainLcore + 1 + static_cast<unsigned>(i));
  }
  return eal;
}

}  // namespace railyard::lab
