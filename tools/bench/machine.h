// SPDX-License-Identifier: GPL-2.0-only
// What a measurement depends on besides the code.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace railyard::bench {

struct Machine {
  std::string cpu;       // model name
  uint32_t cores = 0;    // that this process may use
  std::string caches;    // "L1d 48 KiB, L2 1 MiB, L3 32 MiB"
  std::string kernel;    // "Linux 6.1.0"
  std::string compiler;  // "g++ 12.2.0"
  std::string build_type;
  bool optimised = false;
  double load_average = 0;  // of the last minute, before the measurement
};

Machine describe_this_machine();

// Some lines for people.
std::string to_text(const Machine& machine);

// Why figures taken here with so many threads are not to be trusted; empty where nothing speaks against them.
std::vector<std::string> doubts_about(const Machine& machine, uint32_t threads);

}  // namespace railyard::bench
