// SPDX-License-Identifier: GPL-2.0-only
// A scenario ready to be simulated: its file read, its traces imported, its ranks placed.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "ns3-modules/replay/model/replay.h"
#include "tools/scenario/scenario.h"
#include "tools/scenario/scenario_loader.h"

namespace railyard {

struct ExperimentOptions {
  std::string scenario_file;
  std::vector<std::string> overrides;  // "nic.mtu=1024"
  std::string setting;                 // this one only; empty: all
  std::optional<uint64_t> seed;        // this one only
  bool reference_engine = false;
  uint32_t threads = 1;
};

struct Experiment {
  Scenario scenario;                         // with the chosen settings and seeds only
  std::vector<ns3::SimulationInput> inputs;  // setting after setting, seed after seed
  std::string fabric;                        // in words; settings that differ are joined
  std::vector<std::string> warnings;
};

// Everything that can be found wrong without simulating is found here; the errors name their places.
tl::expected<Experiment, Errors> prepare_experiment(const ExperimentOptions& options);

}  // namespace railyard
