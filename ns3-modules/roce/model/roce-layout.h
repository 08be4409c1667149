// SPDX-License-Identifier: GPL-2.0-only
// What settings become for the datapath.
#pragma once

#include "host-node.h"
#include "roce-settings.h"

#include "traffic/protocol/congestion/congestion_settings.h"

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

    /// A flow's class, with these settings' values where it names none.
    railyard::FlowClass ClassOf(const RoceFlowClass& asked) const;

    HostSettings settings;
    RoceClassification classification;
    railyard::PauseRules pauseRules;
    railyard::CongestionSettings congestion;
};

} // namespace ns3
