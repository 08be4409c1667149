// SPDX-License-Identifier: BSD-3-Clause
// What check, run and status have in common on the command line.
#pragma once

#include <CLI/CLI.hpp>

#include "dpdk-app/control/session_options.h"
#include "dpdk-app/controller/players.h"
#include "dpdk-app/controller/switch_collector.h"
#include "tools/experiment/experiment.h"

namespace railyard::lab {

struct LabOptions {
  ExperimentOptions experiment;
  TlsFiles tls;
  SshOptions ssh;
  unsigned patience_s = 0;  // with players that do not listen yet
};

void add_lab_options(CLI::App& app, LabOptions& options);
void add_patience(CLI::App& app, LabOptions& options);               // --patience
void add_choice_of_runs(CLI::App& app, ExperimentOptions& options);  // --setting, --seed

// The scenario, which must have agents.
tl::expected<Experiment, Errors> prepare_lab(const LabOptions& options);

// Those of the scenario's players who answer, and one line for each who does not.
tl::expected<std::vector<Player>, std::string> connect_lab(const Scenario& scenario,
                                                           const LabOptions& options);
std::vector<std::string> unreachable(const std::vector<Player>& players);

}  // namespace railyard::lab
