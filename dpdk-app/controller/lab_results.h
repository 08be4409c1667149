// SPDX-License-Identifier: BSD-3-Clause
// What a lab's run folder has beyond a simulation's: who played, on what, how well the clocks agreed, whether
// the results may be trusted, and what does not fit the record.
#pragma once

#include <string>
#include <vector>

#include "dpdk-app/controller/frame_balance.h"
#include "dpdk-app/controller/lab_run.h"
#include "dpdk-app/controller/pfc_judgement.h"
#include "dpdk-app/session/record_merge.h"
#include "tools/experiment/run_folder.h"
#include "tools/scenario/scenario.h"

namespace railyard::lab {

// What was collected of a switch that is no player; "" where nothing was.
struct SwitchFiles {
  std::string name;
  std::vector<TextFile> files;
  std::vector<std::string> problems;
};

struct PlayedRun {
  std::string setting;
  uint64_t seed = 0;
  std::string started;  // UTC, ISO 8601
  LabRun run;
  MergeGaps gaps;
  std::vector<SwitchFiles> switches;
  FrameBalance frames;
  bool lossless = false;  // PFC protects its data
};

// Empty, or why the network is not what the run measured: players' own verdicts on their lateness, and frames
// that were lost elsewhere.
std::string invalid_because(const PlayedRun& run);

// What a reader must know before the figures, one sentence each.
std::vector<std::string> cautions_of(const std::vector<PlayedRun>& runs, const std::vector<Player>& players);

// A line a run: where its frames are.
std::string frames_table(const std::vector<PlayedRun>& runs);

// lab.json; histograms as .hgrm in microseconds; what was collected of switches.
std::vector<TextFile> lab_files(const Scenario& scenario, const std::vector<Player>& players,
                                const std::vector<PlayedRun>& runs, const std::vector<PauseVerdict>& pauses);

}  // namespace railyard::lab
