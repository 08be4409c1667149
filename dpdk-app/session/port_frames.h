// SPDX-License-Identifier: BSD-3-Clause
// What players count at their ports, as they tell the controller.
#pragma once

#include "dpdk-app/control/control.pb.h"
#include "dpdk-app/device/device_losses.h"
#include "dpdk-app/measurement/pause_sources.h"

namespace railyard::lab {

void describe(const PauseSources& sources, control::PortFrames& port);
void describe(const DeviceLosses& losses, control::PortFrames& port);

}  // namespace railyard::lab
