// SPDX-License-Identifier: GPL-2.0-only
// What settings become for the datapath.
#pragma once

#include "host-node.h"
#include "roce-settings.h"

#include "traffic/protocol/congestion/dcqcn_settings.h"

#include <cstdint>

namespace ns3
{

RoceClassification Classify(const railyard::QosMaps& maps);

/// Every arrival is handled `latency` after its last bit, a pause among them.
railyard::PauseRules ObeyPauses(const railyard::QosMaps& maps,
                                railyard::SimTime response,
                                railyard::SimTime latency);

/// What hosts with the same settings share and only read.
struct HostLayout
{
    explicit HostLayout(const RoceHostSettings& of);

    HostSettings settings;
    RoceClassification classification;
    railyard::PauseRules pauseRules;
    railyard::DcqcnSettings dcqcn;
    bool usesDcqcn;
};

} // namespace ns3
