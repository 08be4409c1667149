// SPDX-License-Identifier: BSD-3-Clause
// What is played, as plain data: the lab reads it too, which links no ns-3.
#pragma once

#include "ns3-modules/fabric/model/fabric-settings.h"
#include "traffic/pattern/schedule/placement.h"
#include "traffic/pattern/trace/trace.pb.h"
#include "traffic/protocol/congestion/dcqcn_settings.h"
#include "traffic/protocol/switching/switch_settings.h"
#include "traffic/protocol/transport/nic_settings.h"
#include "traffic/units/quantity.h"

#include <cstdint>
#include <memory>
#include <string>
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

} // namespace ns3
