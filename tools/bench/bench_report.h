// SPDX-License-Identifier: GPL-2.0-only
// What `railyard bench engine` prints and writes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "tools/bench/case_runner.h"
#include "tools/bench/machine.h"

namespace railyard::bench {

// A case with one number of threads, over all its runs. Times are medians.
struct CaseFigures {
  std::string name;
  uint32_t threads = 1;
  // Of each run: processor time over packet-hops with one thread, since no other program lengthens it;
  // wall-clock time with several, since shortening that is what they are for.
  std::vector<double> ns_per_hop;
  uint64_t packet_hops = 0, data_hops = 0;
  uint64_t ecn_marked = 0, pfc_pauses = 0, drops = 0;
  double wall_seconds = 0, cpu_seconds = 0;
  double set_up_seconds = 0;
  double events_per_hop = 0;
  uint64_t peak_bytes = 0;  // of the run that needed most
  std::string notice;       // of any run
};

struct BenchReport {
  Machine machine;
  std::vector<CaseFigures> cases;
};

CaseFigures figures_of(const CaseSamples& samples);

std::string to_table(const std::vector<CaseFigures>& cases);

std::string to_json(const BenchReport& report);
// The error says what is missing or of the wrong type.
tl::expected<BenchReport, std::string> from_json(const std::string& text);

}  // namespace railyard::bench
