// SPDX-License-Identifier: BSD-3-Clause
// What the lossless priority groups of a fabric's switches need, by what their links lead to.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "traffic/fabric/fabric_plan.h"
#include "traffic/protocol/switching/switch_settings.h"
#include "traffic/protocol/transport/nic_settings.h"
#include "traffic/units/quantity.h"

namespace railyard {

// Of a switch's port that a host is connected to. `mtu`: the largest RoCE payload that may come, bytes.
Bytes headroom_from_host(BitRate rate, SimTime propagation, const SwitchSettings& at, const NicSettings& host,
                         uint32_t mtu);

// Of one that a switch is connected to.
Bytes headroom_from_switch(BitRate rate, SimTime propagation, const SwitchSettings& at,
                           const SwitchSettings& peer, uint32_t mtu);

// Settings by node; `mtu` is the largest of all hosts'.
struct NodeSettings {
  std::function<const SwitchSettings&(uint32_t node)> switch_at;
  std::function<const NicSettings&(uint32_t node)> nic_at;
  uint32_t mtu = 0;
};

// By node, then by port: 0 where nothing is connected, and at hosts, which pause nobody.
std::vector<std::vector<Bytes>> headrooms_of(const FabricPlan& plan, const NodeSettings& settings);

}  // namespace railyard
