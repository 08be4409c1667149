// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/protocol/congestion/dctcp.h"

#include "traffic/protocol/congestion/algorithm_row.h"

namespace railyard {

const std::vector<Parameter<DctcpSettings>>& parameters_of(const DctcpSettings*) {
  using S = DctcpSettings;
  static const std::vector<Parameter<S>> rows = {
      {"g", &S::g, 0, 1, "Weight of the newest window's share of marked bytes in alpha",
       "RFC 8257 section 4.2: 1/16"},
      {"initial_window", &S::initial_window, 1, kMostInFlight,
       "Payload that a new queue pair may have unacknowledged",
       "a bandwidth-delay product of 100 Gb/s and 10 us"},
      {"minimum_window", &S::minimum_window, 1, kMostInFlight,
       "Payload that it may have unacknowledged however many marks come; one packet always may be",
       "Railyard's default"},
      {"slow_start", &S::slow_start, 0, 1, "Until the first mark the window doubles in each round trip",
       "RFC 5681 section 3.1"},
  };
  return rows;
}

CongestionAlgorithm dctcp_algorithm() {
  return algorithm_row<Dctcp>("dctcp",
                              "a window cut by the share of marked bytes, which ACKs echo, each round trip");
}

}  // namespace railyard
