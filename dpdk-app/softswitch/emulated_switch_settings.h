// SPDX-License-Identifier: BSD-3-Clause
// What an emulated switch is, and what follows from it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "dpdk-app/softswitch/traffic_manager.h"
#include "traffic/protocol/switching/switch_settings.h"
#include "traffic/protocol/transport/nic_settings.h"
#include "traffic/units/quantity.h"

namespace railyard::lab {

struct EmulatedSwitchSettings {
  SwitchSettings switching;
  std::vector<BitRate> rates;   // by port
  std::vector<bool> to_switch;  // by port, whether a switch is at its other end; beyond: a host
  SimTime link_delay;           // of each link, each way
  NicSettings hosts;            // that are emulated on its ports
  // How long a peer that is a program may take to obey a pause, and we to send it: computed headrooms have
  // room for it. Default: two and a half times the longest stall seen on a busy machine.
  SimTime peer_response = SimTime::milliseconds(20);
  uint32_t max_frame_bytes = 1'518;
  uint64_t seed = 1;
  uint32_t node = 0;           // in the fabric: each of its switches draws from streams of its own
  bool ignore_pauses = false;  // those of its peers
};

// The emulated chip's pool: what is left beside the headroom that its links would need if hosts obeyed as
// `hosts` say, and switches as this one does, as in the simulation. Headroom for the stalls of programs takes
// none of it: that is this machine's memory.
Bytes shared_pool_of(const EmulatedSwitchSettings& settings);

// The error names the port and what is wrong with its rate.
tl::expected<void, std::string> check(const EmulatedSwitchSettings& settings);

TrafficManagerSettings traffic_settings_of(const EmulatedSwitchSettings& settings);

}  // namespace railyard::lab
