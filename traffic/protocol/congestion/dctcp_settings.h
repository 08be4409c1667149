// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "traffic/units/quantity.h"

namespace railyard {

// Names as in RFC 8257, "Data Center TCP (DCTCP)".
struct DctcpSettings {
  double g = 1.0 / 16;               // estimation gain
  Bytes initial_window = {125'000};  // a bandwidth-delay product of 100 Gb/s and 10 us
  Bytes minimum_window = {1};        // one packet always may be under way
  bool slow_start = false;           // until the first mark the window doubles each round trip
};

}  // namespace railyard
