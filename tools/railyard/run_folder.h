// SPDX-License-Identifier: GPL-2.0-only
// The folder that a run leaves behind. All of it, or nothing.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "ns3-modules/replay/model/replay.h"
#include "tools/report/run_set.h"
#include "tools/scenario/scenario.h"

namespace railyard {

// What depends on the day and the machine: kept apart in timing.json, so that everything else is the same
// bytes each time.
struct Timing {
  struct Run {
    std::string setting;
    uint64_t seed = 0;
    ns3::SimulationCost cost;
    uint64_t packet_hops = 0;
  };
  std::chrono::system_clock::time_point started;
  double seconds = 0;
  std::string engine;
  std::vector<std::string> arguments;
  std::vector<Run> runs;
};

// `requested`, or runs/<scenario>-<first 8 digits of the hash>[-n] where it is empty. The error says that
// `requested` exists.
tl::expected<std::filesystem::path, std::string> choose_folder(const std::string& requested,
                                                               const std::string& scenario,
                                                               const std::string& hash);

// Writes beside `folder` under a temporary name and renames at the end; on an error nothing is left.
tl::expected<void, std::string> write_run_folder(const std::filesystem::path& folder,
                                                 const Scenario& scenario, const report::RunSet& runs,
                                                 const Timing& timing);

}  // namespace railyard
