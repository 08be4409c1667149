// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include "dpdk-app/softswitch/emulated_switch.h"
#include "traffic/record/record.h"

namespace railyard::lab {

// The switch's part of a run's record, named as the simulator names it: "leaf0", "leaf0:3". Times count from
// `start`, where the switch was told of the run.
record::Record switch_record(const EmulatedSwitch& from, const std::string& name, SimTime start, SimTime end);

}  // namespace railyard::lab
