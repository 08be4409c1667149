// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/protocol/congestion/window.h"

#include "traffic/protocol/congestion/algorithm_row.h"

namespace railyard {

const std::vector<Parameter<WindowSettings>>& parameters_of(const WindowSettings*) {
  static const std::vector<Parameter<WindowSettings>> rows = {
      {"window_bytes", &WindowSettings::window_bytes, 1, kMostInFlight,
       "Payload that a queue pair may have unacknowledged; one packet always may be",
       "HPCC (SIGCOMM 2019) section 2.3: a static window of one bandwidth-delay product"},
  };
  return rows;
}

CongestionAlgorithm window_algorithm() {
  return algorithm_row<FixedWindow>("window",
                                    "line rate, with a fixed number of bytes unacknowledged at most");
}

}  // namespace railyard
