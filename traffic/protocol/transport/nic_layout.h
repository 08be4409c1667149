// SPDX-License-Identifier: BSD-3-Clause
// What NIC settings become for the datapath.
#pragma once

#include <cstdint>
#include <optional>

#include "traffic/protocol/congestion/congestion_settings.h"
#include "traffic/protocol/switching/switch_settings.h"
#include "traffic/protocol/transport/nic.h"
#include "traffic/protocol/transport/nic_settings.h"
#include "traffic/protocol/transport/rate_control.h"

namespace railyard {

NicRules nic_rules_of(const NicSettings& nic, const QosMaps& maps);

// A queue pair's class: with the NIC's DSCP and algorithm where it has none of its own. `congestion` must
// outlive it.
FlowClass flow_class_of(const NicSettings& nic, const QosMaps& maps, const CongestionSettings& congestion,
                        std::optional<uint32_t> dscp = {}, std::optional<uint32_t> algorithm = {});

}  // namespace railyard
