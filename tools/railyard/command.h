// SPDX-License-Identifier: GPL-2.0-only
// What every subcommand is given, and what it returns.
#pragma once

#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "ns3-modules/replay/model/replay.h"
#include "traffic/run/memory_estimate.h"

namespace railyard {

// The process' exit code.
enum class ExitCode : int {
  Ok = 0,
  RunFailed = 1,
  Usage = 2,  // wrong arguments, scenario or capture: nothing was run
  Unmet = 3,  // all ran, and an expectation of the scenario, or a check, was not met
  Interrupted = 130,
};

// The simulator: ns3::Simulate, or a test's own.
using Simulate = std::function<tl::expected<record::Record, std::string>(
    const CompiledRun&, const ns3::ProgressCallback&, ns3::SimulationCost&)>;

// What a run takes of memory: ns3::EstimateMemory, or a test's own.
using Estimate = std::function<MemoryEstimate(const CompiledRun&)>;

struct Context {
  Simulate simulate;
  Estimate estimate;
  std::ostream& out;
  std::ostream& err;
  bool err_is_terminal = false;
  bool quiet = false;  // results and errors only
  bool color = false;
  // What the user typed, and what of it decides on the results: without output folder, engine, --quiet,
  // --no-color.
  std::vector<std::string> arguments;
  std::string command;
};

// One line each, with "railyard: " where the message does not begin with a place.
ExitCode fail(Context& context, ExitCode code, const std::vector<std::string>& messages);

}  // namespace railyard
