// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

#include "traffic/units/quantity.h"

namespace railyard {

// What a gradient between the thresholds does.
enum class TimelyReaction : uint8_t {
  Gradient,  // additive increase, or a decrease by beta times the gradient [SIGCOMM 2015]
  Patched    // both at once, weighted, towards a round-trip time of t_low [CoNEXT 2016]
};

// Names as in Mittal et al., "TIMELY: RTT-based Congestion Control for the Datacenter", SIGCOMM 2015; the
// patch is that of Zhu et al., "ECN or Delay: Lessons Learnt from Analysis of DCQCN and TIMELY", CoNEXT 2016.
struct TimelySettings {
  TimelyReaction reaction = TimelyReaction::Gradient;
  double ewma_alpha = 0.875;  // weight of the newest difference of round-trip times
  double beta = 0.8;          // multiplicative decrease
  BitRate delta = BitRate::megabits(10);
  SimTime t_low = SimTime::microseconds(50);
  SimTime t_high = SimTime::microseconds(500);
  SimTime min_rtt = SimTime::microseconds(20);  // "D_minRTT": of gradients, and between two of them
  Bytes segment = {16'000};                     // completed before a round-trip time is looked at
  uint32_t hai_threshold = 5;                   // rises in a row before they are so many times delta
  SimTime base_rtt;                             // taken off each round-trip time
  BitRate initial_rate = {0};                   // 0: the line's
  BitRate min_rate = BitRate::megabits(10);
};

}  // namespace railyard
