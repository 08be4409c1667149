// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "traffic/record/record.h"
#include "traffic/run/compiled_run.h"
#include "traffic/units/quantity.h"

#include <cstdint>
#include <functional>
#include <string>
#include <tl/expected.hpp>

namespace ns3
{

/// Called now and then with the virtual time and the share of messages received; false cancels the
/// run.
using ProgressCallback = std::function<bool(railyard::SimTime now, double fractionDone)>;

/// What a run cost; it depends on the machine.
struct SimulationCost
{
    double setUpSeconds = 0; ///< building, compiling and laying out
    double runSeconds = 0;
    double runCpuSeconds = 0; ///< processor time of all threads meanwhile
    uint64_t events = 0;
    std::string notice; ///< what the user should know of how it ran; may be empty
};

/**
 * Replays the jobs over the fabric until those that are not background have ended.
 *
 * Only one simulation runs at a time in a process, as everywhere in ns-3. Errors: what
 * compile_run() refuses, a queue pair that failed, the time limit, cancellation.
 */
tl::expected<railyard::record::Record, std::string> Simulate(const railyard::CompiledRun& run,
                                                             const ProgressCallback& progress,
                                                             SimulationCost* cost = nullptr);

/// The same of a run that nobody else plays: compiles it first.
tl::expected<railyard::record::Record, std::string> Simulate(const railyard::RunInput& input,
                                                             const ProgressCallback& progress,
                                                             SimulationCost* cost = nullptr);

} // namespace ns3
