// SPDX-License-Identifier: BSD-3-Clause
// What can be found wrong with a lab before anything is played.
#pragma once

#include <string>
#include <vector>

#include "dpdk-app/controller/players.h"
#include "traffic/run/run_input.h"

namespace railyard::lab {

struct CheckReport {
  std::vector<std::string> errors;    // the scenario cannot be played; each names the remedy
  std::vector<std::string> warnings;  // what to distrust
};

// `played` and `input` have their time scale applied. Players that could not be reached are among the errors.
CheckReport check_players(const Scenario& played, const RunInput& input, const std::vector<Player>& players);

// The lab as a table: players with their clocks, then the NICs and what plays them.
std::string lab_table(const Scenario& played, const std::vector<Player>& players);

}  // namespace railyard::lab
