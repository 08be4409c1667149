// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/protocol/congestion/swift.h"

#include "traffic/protocol/congestion/algorithm_row.h"

namespace railyard {

const std::vector<Parameter<SwiftSettings>>& parameters_of(const SwiftSettings*) {
  using S = SwiftSettings;
  constexpr double kLongest = 1e15;           // picoseconds: a lab multiplies times by its time scale
  constexpr double kMostPackets = 8'388'608;  // half of the packet numbers
  constexpr std::string_view kPaper = "Swift (SIGCOMM 2020) section 3", kHtsim = "csg-htsim, swift.cpp";
  static const std::vector<Parameter<S>> rows = {
      {"base_target", &S::base_target, 1, kLongest,
       "Round-trip time that is aimed at with a window of fs_max_cwnd or more: more than that of the idle "
       "path",
       kHtsim},
      {"ai", &S::ai, 0, kMostPackets, "Additive increase of the window in a round trip, in packets", kHtsim},
      {"beta", &S::beta, 0, 1, "Decrease for each part of the delay that is beyond the target", kHtsim},
      {"max_mdf", &S::max_mdf, 0, 1, "Largest part of the window that one decrease takes", kHtsim},
      {"fs_range", &S::fs_range, 0, kLongest,
       "What is added to the target for a window of fs_min_cwnd; flow scaling is off with 0", kPaper},
      {"fs_min_cwnd", &S::fs_min_cwnd, 1e-6, kMostPackets,
       "Window, in packets, at which and below which the target is highest", kPaper},
      {"fs_max_cwnd", &S::fs_max_cwnd, 1e-6, kMostPackets,
       "Window, in packets, from which on the target is base_target", kPaper},
      {"min_cwnd", &S::min_cwnd, 1e-6, kMostPackets, "Smallest window, in packets", kPaper},
      {"max_cwnd", &S::max_cwnd, 1, kMostPackets, "Largest window, in packets", kPaper},
      {"initial_cwnd", &S::initial_cwnd, 1e-6, kMostPackets, "Window of a new queue pair, in packets",
       "32 packets of 4 KiB: a bandwidth-delay product of 100 Gb/s and 10 us"},
  };
  return rows;
}

CongestionAlgorithm swift_algorithm() {
  return algorithm_row<Swift>("swift", "a window steered towards a target of the round-trip time");
}

}  // namespace railyard
