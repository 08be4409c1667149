// SPDX-License-Identifier: BSD-3-Clause
// Runs that look like a training step with an incast beside it, made by arithmetic alone: no clock, no
// simulator.
#pragma once

#include <string>
#include <vector>

#include "tools/report/run_set.h"

namespace railyard::report {

struct SyntheticSetting {
  std::string name;
  double slowness = 1;        // stretches every duration
  double seed_variation = 0;  // by which fraction a seed stretches them on
  uint64_t marks = 0, pauses = 0, drops = 0;
};

// `flows` foreground flows a run, among 16 ranks; `samples` of each of six queues.
RunSet synthetic_runs(const std::vector<SyntheticSetting>& settings, unsigned seeds, unsigned flows,
                      unsigned samples);

// Three settings, five seeds: the case of the quickstart.
RunSet quickstart_like_runs();

}  // namespace railyard::report
