// SPDX-License-Identifier: BSD-3-Clause
// A scenario ready to be played, by the simulator or the lab: its file read, its traces imported, its ranks
// placed.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "tools/report/run_set.h"
#include "tools/scenario/job_builder.h"
#include "tools/scenario/scenario.h"
#include "tools/scenario/scenario_loader.h"
#include "traffic/run/run_input.h"

namespace railyard {

struct ExperimentOptions {
  std::string scenario_file;
  std::vector<std::string> overrides;  // "nic.mtu=1024"
  std::string setting;                 // this one only; empty: all
  std::optional<uint64_t> seed;        // this one only
};

// By job, then by seed; a job that does not depend on the seed has one trace for all.
using Traces = std::vector<std::map<uint64_t, BuiltTrace>>;

struct Experiment {
  Scenario scenario;             // as the file has it, with the chosen settings and seeds only
  Scenario played;               // the same with its time scale applied
  std::vector<RunInput> inputs;  // setting after setting, seed after seed
  std::string fabric;            // in words, with the time scale; settings that differ are joined
  std::vector<std::string> warnings;
  std::vector<std::string> trace_digests;  // by job: SHA-256 (of those of all seeds, where each has its own)
  Traces traces;
};

// Everything that can be found wrong without playing is found here; the errors name their places.
tl::expected<Experiment, Errors> prepare_experiment(const ExperimentOptions& options);

// The same with these seeds in place of its own. Nothing is read, imported or built again that does not
// depend on them. Warnings are those of the seeds that are new.
tl::expected<Experiment, Errors> with_seeds(Experiment experiment, const std::vector<uint64_t>& seeds);

// What a report needs beside the runs, which are still to come. `command` is what the user typed.
report::RunSet empty_run_set(const Experiment& experiment, const std::string& command);

// What became of a scenario's expectations.
struct CheckedExpectations {
  size_t met = 0, not_met = 0, unchecked = 0;  // unchecked: their setting has no runs
  std::vector<std::string> unmet;              // of each and setting: the first seed, and how many more

  // "expectations: 2 met, 1 not met".
  std::string in_words() const;
};
CheckedExpectations check_expectations(const Scenario& scenario, const report::RunSet& runs);

}  // namespace railyard
