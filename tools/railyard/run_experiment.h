// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <vector>

#include "tools/experiment/experiment.h"
#include "tools/railyard/command.h"

namespace railyard {

struct RunOptions {
  std::string output;  // the folder's path; empty: runs/<scenario>-<hash>, of the seeds that were run
  record::ComparisonRule rule;
  // Above 0: more seeds are run until every setting is told apart from the best or is the same, or so many
  // have been run.
  size_t most_seeds = 0;
};

// Simulates every run of the experiment, prints the table, checks the expectations and writes the run folder.
ExitCode run_experiment(Context& context, Experiment experiment, const RunOptions& options);

// `seeds`, and as many more, each above all before it, as make `count`.
std::vector<uint64_t> more_seeds(std::vector<uint64_t> seeds, size_t count);

}  // namespace railyard
