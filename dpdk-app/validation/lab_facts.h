// SPDX-License-Identifier: BSD-3-Clause
// What a lab says of itself: lab.json in its run folder, as dpdk-app/controller/lab_results.h writes it. What
// is missing is not known, which is not the same as 0.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <tl/expected.hpp>

namespace railyard::validation {

struct RunFacts {
  std::string setting;
  uint64_t seed = 0;
  bool valid = true;
  std::string invalid_because;
  std::optional<double> clock_error_seconds;  // between any two agents; 0 where there is one
  std::optional<double> lateness_seconds;     // of the pacers, 99th percentile of the worst
  std::vector<std::string> events;
  std::string frames;                // "sent 1,200 = received 1,200 + unexplained 0"; empty: it is not told
  std::vector<std::string> pausers;  // sentences: ports that somebody paused who is not their link partner
};

struct LabFacts {
  bool known = false;                        // there is a lab.json
  std::vector<std::string> virtual_drivers;  // of ports that are no NIC; each once
  std::vector<RunFacts> runs;

  // Null where nothing is said of this run.
  const RunFacts* find(const std::string& setting, uint64_t seed) const;
};

// The error names the file and what is wrong with it. A folder without lab.json has no facts.
tl::expected<LabFacts, std::string> read_lab_facts(const std::filesystem::path& run_folder);

}  // namespace railyard::validation
