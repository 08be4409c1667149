// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "tests/differential/switch_run.h"
#include "traffic/units/random_stream.h"

namespace railyard {

// Settings, rates and frames: data of several classes, most of it to port 0, and pauses.
SwitchScript draw_script(uint64_t seed, RandomStream& random);

}  // namespace railyard
