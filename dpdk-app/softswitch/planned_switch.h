// SPDX-License-Identifier: BSD-3-Clause
// What a plan makes of a soft switch: which switch of the fabric it is, with that one's links and routes.
#pragma once

#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "dpdk-app/control/control.pb.h"
#include "dpdk-app/softswitch/emulated_switch.h"

namespace railyard::lab {

struct PlannedSwitch {
  std::string name;
  EmulatedSwitchSettings settings;
  FabricRoutes routes;
  std::vector<control::Fault> faults;  // as the plan has them, for this switch and for all
  std::vector<PortFaults> port_faults;
};

// `ports` are named as where the switch was started. It plays plan.switch_name(); port i is the fabric's port
// i, and ports beyond keep the rate that `own` has. The error says what does not fit, and the remedy.
tl::expected<PlannedSwitch, std::string> planned_switch(const control::Plan& plan,
                                                        const std::vector<std::string>& ports,
                                                        EmulatedSwitchSettings own);

}  // namespace railyard::lab
