// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "ns3-modules/fabric/model/fabric-settings.h"
#include "traffic/pattern/schedule/placement.h"
#include "traffic/pattern/trace/trace.pb.h"
#include "traffic/protocol/congestion/dcqcn_settings.h"
#include "traffic/protocol/switching/switch_settings.h"
#include "traffic/protocol/transport/nic_settings.h"
#include "traffic/record/record.h"
#include "traffic/units/quantity.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <tl/expected.hpp>
#include <vector>

namespace ns3
{

/// A job that replays a trace on some of the fabric's GPUs.
struct ReplayJobSettings
{
    std::string name;
    std::shared_ptr<const railyard::trace::Trace> trace;
    std::vector<railyard::schedule::RankLocation> placement; ///< by rank
    uint32_t iterations = 1;                                 ///< of the whole trace
    bool background = false; ///< repeats until the other jobs have ended
    railyard::SimTime start = {0};
};

/// Everything that one run depends on: the same input gives the same record, whichever engine runs
/// it.
struct SimulationInput
{
    std::string scenario;
    std::string setting;
    uint64_t seed = 1;
    FabricSettings fabric;
    railyard::SwitchSettings switches;
    railyard::NicSettings nic;
    railyard::DcqcnSettings dcqcn;
    std::vector<ReplayJobSettings> jobs;
    bool referenceEngine = false;
    uint32_t threads = 1; ///< of the window engine; the record does not depend on it
    railyard::SimTime sampleInterval =
        railyard::SimTime::microseconds(10); ///< of queue depths; 0: none
    uint32_t busiestPorts = 8;               ///< whose queue depths the record keeps
    railyard::SimTime maximumDuration = railyard::SimTime::seconds(10);
};

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
 * Only one simulation runs at a time in a process, as everywhere in ns-3. Errors: a fabric that
 * cannot be built, a trace that cannot progress, a rank without a place, a queue pair that failed,
 * the time limit, cancellation.
 */
tl::expected<railyard::record::Record, std::string> Simulate(const SimulationInput& input,
                                                             const ProgressCallback& progress,
                                                             SimulationCost* cost = nullptr);

} // namespace ns3
