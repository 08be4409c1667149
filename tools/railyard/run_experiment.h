// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>

#include "tools/experiment/experiment.h"
#include "tools/railyard/command.h"

namespace railyard {

// Simulates every run of the experiment, prints the table, checks the expectations and writes the run folder.
// `output` is the folder's path, or empty for runs/<scenario>-<hash>.
ExitCode run_experiment(Context& context, const Experiment& experiment, const std::string& output);

}  // namespace railyard
