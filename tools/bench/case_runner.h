// SPDX-License-Identifier: GPL-2.0-only
// Runs a case and measures it, each time in a process of its own: what one run leaves behind in memory and in
// ns-3's statics must not count for the next.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "ns3-modules/replay/model/replay.h"
#include "tools/bench/engine_cases.h"

namespace railyard::bench {

// The simulator, or a test's own.
using Simulator = std::function<tl::expected<record::Record, std::string>(
    const CompiledRun&, const ns3::ProgressCallback&, ns3::SimulationCost&)>;

// One run.
struct Sample {
  uint64_t packet_hops = 0, data_hops = 0;  // frames that crossed a link, and the data frames among them
  uint64_t events = 0;
  uint64_t ecn_marked = 0, pfc_pauses = 0, drops = 0;
  double set_up_seconds = 0;                 // trace, fabric and layout
  double wall_seconds = 0, cpu_seconds = 0;  // simulating alone; cpu: of all threads
  uint64_t peak_bytes = 0;                   // resident, of the whole process
  std::string notice;  // what the engine has to say, such as that it fell back to one thread
};

// The error names the case and says why the run failed.
tl::expected<Sample, std::string> run_once(const EngineCase& engine_case, uint32_t threads,
                                           const Simulator& simulate);

// All runs of one case with one number of threads.
struct CaseSamples {
  const EngineCase* engine_case = nullptr;
  uint32_t threads = 1;
  std::vector<Sample> samples;
};

struct Selection {
  std::vector<const EngineCase*> cases;
  std::vector<uint32_t> threads = {1};
  uint32_t repetitions = 3;
};

// Every case with every number of threads, then all of them again: what else the machine does meanwhile falls
// on all cases alike. `about_to_run` is told of every run.
tl::expected<std::vector<CaseSamples>, std::string> run_cases(
    const Selection& selection, const Simulator& simulate,
    const std::function<void(const CaseSamples&)>& about_to_run);

}  // namespace railyard::bench
