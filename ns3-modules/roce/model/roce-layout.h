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

/// What hosts with the same settings share and only read.
struct HostLayout
{
    explicit HostLayout(const RoceHostSettings& of);

    HostSettings settings;
    RoceClassification classification;
    int64_t extraPfcResponsePs;
    railyard::DcqcnSettings dcqcn;
    bool usesDcqcn;
};

} // namespace ns3
