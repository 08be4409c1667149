// SPDX-License-Identifier: BSD-3-Clause
// What the players are told of one run.
#pragma once

#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "dpdk-app/controller/players.h"
#include "tools/scenario/scenario.h"
#include "traffic/run/compiled_run.h"

namespace railyard::lab {

struct PlanOptions {
  bool capture = false;  // what passes, into files on each player's machine
  std::vector<std::pair<std::string, std::string>> faults;  // of every soft switch: path, value
};

// The port of a player's that plays an endpoint; null where it has none of this name.
const control::PortStatus* find_port(const std::vector<Player>& players, const std::string& player,
                                     const std::string& port);

// `played` has its time scale applied, as `input` has; the players are connected. It is the same for all; a
// soft switch is told its name on top. The error names an endpoint without a port at its agent.
tl::expected<control::Plan, std::string> build_plan(const Scenario& played, const CompiledRun& run,
                                                    const std::vector<Player>& players,
                                                    const PlanOptions& options);

}  // namespace railyard::lab
