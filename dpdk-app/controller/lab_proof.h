// SPDX-License-Identifier: BSD-3-Clause
// What is proven of a lab by frames, before anything is played: its paths, and that pauses are obeyed where
// the scenario relies on them.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "dpdk-app/controller/pfc_judgement.h"
#include "dpdk-app/controller/players.h"
#include "dpdk-app/controller/switch_collector.h"
#include "tools/experiment/experiment.h"

namespace railyard::lab {

struct LabProof {
  std::vector<std::string> errors;    // the scenario must not be played; each names the remedy
  std::vector<std::string> warnings;  // what to distrust
  std::vector<std::string> cautions;  // what a reader of results must know: pauses that nobody could test
  std::vector<PauseVerdict> pauses;   // of the settings that have PFC; those that share it are tested once
};

// Prepares the players with the plan of each setting whose paths differ from those before (MTU, DSCP, maps,
// PFC), and probes. They stay prepared.
LabProof prove_lab(const Experiment& experiment, std::vector<Player>& players, const SshOptions& ssh,
                   const std::atomic<bool>& cancelled);

// The self-test's verdicts as a table; empty where there was none.
std::string pause_table(const std::vector<PauseVerdict>& verdicts);

}  // namespace railyard::lab
