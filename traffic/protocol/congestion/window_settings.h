// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "traffic/units/quantity.h"

namespace railyard {

// A bandwidth-delay product of 100 Gb/s and 10 us, more than the round trip of an idle fabric of three tiers.
struct WindowSettings {
  Bytes window_bytes = {125'000};
};

}  // namespace railyard
