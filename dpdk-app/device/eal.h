// SPDX-License-Identifier: BSD-3-Clause
// DPDK's environment abstraction layer, which a process starts once and never again.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <tl/expected.hpp>

namespace railyard::lab {

struct EalOptions {
  // One worker lcore for each, pinned to this CPU; a CPU may be named twice. The main lcore, which is the
  // calling thread, and the threads that it makes stay free to run on any CPU of the process.
  std::vector<unsigned> cores;
  // Names of the ports that will be opened (port_name.h): PCI devices have to be known at the start, and
  // packet sockets share what memory may be locked.
  std::vector<std::string> ports;
  // For frames and rings: reserved where there are no huge pages, wanted free where there are.
  uint32_t memory_mb = 512;
  // Up to which that may grow. Nothing is taken of it before it is used.
  uint32_t most_memory_mb = 0;
};

struct Eal {
  std::vector<unsigned> workers;  // lcore ids for rte_eal_remote_launch, in the order of EalOptions::cores
  bool huge_pages = false;
  std::string version;  // "DPDK 22.11.11"
};

// Needs neither root nor huge pages, leaves no files, and does not mind other DPDK processes. A second call
// in a process is an error, and so is every call after a failed one.
tl::expected<Eal, std::string> start_eal(const EalOptions& options);

// CPUs that this process may run on, ascending.
std::vector<unsigned> usable_cores();

}  // namespace railyard::lab
