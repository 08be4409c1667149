// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "traffic/units/quantity.h"

namespace railyard {

// Names as in Kumar et al., "Swift: Delay is Simple and Effective for Congestion Control in the Datacenter",
// SIGCOMM 2020. The paper publishes few values: those without another source are csg-htsim's.
struct SwiftSettings {
  SimTime base_target = SimTime::microseconds(20);
  double ai = 1;                                  // packets a round trip
  double beta = 0.8;                              // multiplicative decrease
  double max_mdf = 0.5;                           // most that one decrease takes
  SimTime fs_range = SimTime::microseconds(100);  // five times base_target
  double fs_min_cwnd = 0.1, fs_max_cwnd = 100;    // packets
  double min_cwnd = 0.01, max_cwnd = 1000;
  double initial_cwnd = 32;  // of 4 KiB: a bandwidth-delay product of 100 Gb/s and 10 us
};

}  // namespace railyard
