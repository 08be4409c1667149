// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include "dpdk-app/validation/played_runs.h"

namespace railyard::validation {

// A setting that both have played.
struct MatchedSetting {
  const PlayedSetting* sim = nullptr;
  const PlayedSetting* lab = nullptr;
};

struct Comparability {
  std::vector<MatchedSetting> settings;
  // Why the two say nothing of each other: traffic, link rate, time scale, MTU, congestion settings, each
  // with its remedy.
  std::vector<std::string> obstacles;
  // What else differs: a simulation may be set to a switch as it is known to be.
  std::vector<std::string> notes;
};

Comparability match(const PlayedRuns& sim, const PlayedRuns& lab);

}  // namespace railyard::validation
