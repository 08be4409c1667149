// SPDX-License-Identifier: BSD-3-Clause
// What soft switches are told of the fabric: their links, and the simulator's routes.
#pragma once

#include "dpdk-app/control/control.pb.h"
#include "tools/scenario/lab_settings.h"
#include "traffic/fabric/fabric_plan.h"

namespace railyard::lab {

// `lab` is one that its check has passed: each soft switch is one of the fabric's, with a port for each of
// its.
void add_fabric(const LabSettings& lab, const FabricPlan& fabric, control::Plan& plan);

}  // namespace railyard::lab
