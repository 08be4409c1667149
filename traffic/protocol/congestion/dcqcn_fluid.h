// SPDX-License-Identifier: BSD-3-Clause
// The fluid model of DCQCN with N equal flows through one link. [Zhu et al., "ECN or Delay: Lessons Learnt
// from Analysis of DCQCN and TIMELY", CoNEXT 2016, section 3; symbols are the paper's]
#pragma once

#include <cstdint>
#include <optional>

#include "traffic/protocol/congestion/algorithm.h"
#include "traffic/protocol/congestion/dcqcn_settings.h"

namespace railyard {

// Rates and counts are in packets, times in seconds. Defaults: the constants of the DCQCN paper, 1000 B
// packets.
struct DcqcnFluid {
  static constexpr double kPacketBytes = 1'000;
  static constexpr double kPacketBits = 8 * kPacketBytes;

  double capacity = 40e9 / kPacketBits;               // C
  double flows = 2;                                   // N
  double additive = 40e6 / kPacketBits;               // R_AI
  double minimum = 5'000 / kPacketBytes;              // K_min
  double maximum = 200'000 / kPacketBytes;            // K_max
  double maximum_probability = 0.01;                  // P_max
  double cnp_interval = 50e-6;                        // tau
  double alpha_interval = 55e-6;                      // tau'
  double timer = 55e-6;                               // T
  double byte_counter = 10'000'000.0 / kPacketBytes;  // B
  double recoveries = 5;                              // F
  double gain = 1.0 / 256;                            // g
  double delay = 4e-6;                                // tau*, of the feedback
  double packet_bytes = kPacketBytes;                 // that queues are told in

  // What marking at a probability p does to a flow at rate R [section 3.1, the terms of equations 5 to 7].
  struct Terms {
    double a;      // share of CNP intervals with a mark
    double b, d;   // expiries of byte counter and timer, a packet
    double c, e;   // those of them that raise the target rate
    double alpha;  // where alpha comes to rest
  };
  Terms terms(double p, double rate) const;

  // The marking probability at rest [equation 11, solved without the paper's approximation].
  double fixed_point_probability() const;
  // Queue at rest, in kB; none where it would lie beyond K_max.
  std::optional<double> fixed_point_queue_kb() const;

  double probability_at(double queue) const;
};

struct DcqcnFluidRun {
  double queue_mean_kb = 0;
  double queue_minimum_kb = 0;
  double queue_maximum_kb = 0;
  double utilisation = 0;
};

// Euler's method from line rate; averages over the last half of `seconds`.
DcqcnFluidRun run(const DcqcnFluid& model, double seconds, double step);

// The model of these settings. What it does not know of them: that marks within a CNP's interval are answered
// late or forgotten, pacing wider than a queue pair, alpha by period, and rpg_min_rate.
DcqcnFluid dcqcn_fluid(const DcqcnSettings& settings, const ForecastInput& input);

// Of half a second from line rate on.
Forecast dcqcn_forecast(const DcqcnSettings& settings, const ForecastInput& input);

}  // namespace railyard
