// SPDX-License-Identifier: BSD-3-Clause
// All runs of a scenario in the lab, one after the other: what `railyard lab run` does between the command
// line and the run folder.
#pragma once

#include <atomic>
#include <iosfwd>
#include <string>
#include <vector>

#include "dpdk-app/controller/lab_results.h"
#include "dpdk-app/controller/lab_run.h"
#include "dpdk-app/controller/live_table.h"
#include "dpdk-app/controller/plan_builder.h"
#include "dpdk-app/controller/switch_collector.h"
#include "tools/experiment/experiment.h"
#include "tools/report/run_set.h"

namespace railyard::lab {

struct LabExperimentOptions {
  PlanOptions plan;
  PlayTimes times;
  SshOptions ssh;
};

// A run that did not come to its end, of a setting that has others which did: it is in no mean.
struct LeftOut {
  std::string setting;
  report::Run run;
};

struct LabOutcome {
  std::vector<PlayedRun> runs;
  std::vector<LeftOut> left_out;  // of these; they are not in the results
  std::string failed;  // why the series ended before its last run; empty where it did not, or Ctrl-C ended it
  bool interrupted = false;
};

// Plays until all is played, a player is lost, a run cannot be prepared, or `cancelled`. What was measured is
// in `results`, which has no setting without a run.
LabOutcome play_all(const Experiment& experiment, std::vector<Player>& players,
                    const LabExperimentOptions& options, const std::atomic<bool>& cancelled, LiveTable& table,
                    report::RunSet& results);

}  // namespace railyard::lab
