// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "ns3-modules/replay/model/replay.h"

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

// timing.json.
std::string timing_json(const Timing& timing);

}  // namespace railyard
