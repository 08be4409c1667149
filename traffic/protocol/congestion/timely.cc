// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/protocol/congestion/timely.h"

#include "traffic/protocol/congestion/algorithm_row.h"

namespace railyard {
namespace {

// Section 5 of the CoNEXT paper: the values under which the patch has one fixed point, and is stable.
TimelySettings patched() {
  TimelySettings s;
  s.reaction = TimelyReaction::Patched;
  s.beta = 0.008;
  return s;
}

}  // namespace

const std::vector<Parameter<TimelySettings>>& parameters_of(const TimelySettings*) {
  using S = TimelySettings;
  constexpr double kLongest = 1e15;        // picoseconds: a lab multiplies times by its time scale
  constexpr double kFastestPort = 1.6e12;  // IEEE 802.3dj
  constexpr std::string_view kTimely = "TIMELY (SIGCOMM 2015) section 4";
  constexpr std::string_view kPatch = "ECN or Delay (CoNEXT 2016) section 4";
  static const std::vector<Parameter<S>> rows = {
      {"reaction",
       &S::reaction,
       "What a round-trip time between the thresholds does: gradient raises or lowers the rate by its "
       "gradient; patched weighs both by the gradient, towards a round-trip time of t_low",
       kPatch,
       {"gradient", "patched"}},
      {"ewma_alpha", &S::ewma_alpha, 0, 1, "Weight of the newest difference of round-trip times", kPatch},
      {"beta", &S::beta, 0, 1, "Multiplicative decrease", kTimely},
      {"delta", &S::delta, 1, kFastestPort, "Additive increase", kTimely},
      {"t_low", &S::t_low, 1, kLongest, "Round-trip time below which the rate always rises", kTimely},
      {"t_high", &S::t_high, 1, kLongest, "Round-trip time above which the rate always falls", kTimely},
      {"min_rtt", &S::min_rtt, 1, kLongest,
       "Round-trip time by which gradients are divided, and least time between two changes", kTimely},
      {"segment", &S::segment, 1, kUnlimited, "Bytes that are acknowledged between two changes at least",
       kTimely},
      {"hai_threshold", &S::hai_threshold, 1, 1000,
       "Rises in a row after which the rate rises by so many times delta", kTimely},
      {"base_rtt", &S::base_rtt, 0, kLongest,
       "Time taken off each round-trip time, so that thresholds are of queueing alone", kPatch},
      {"initial_rate", &S::initial_rate, 0, kFastestPort,
       "Rate of a new queue pair; 0 is the line's, TIMELY's own is the line's over the flows of its host and "
       "one",
       kTimely},
      {"min_rate", &S::min_rate, 1, kFastestPort, "Lowest rate of a queue pair", "Railyard's default"},
  };
  return rows;
}

CongestionAlgorithm timely_algorithm() {
  return algorithm_row<Timely>(
      "timely", "rates set by round-trip times and their gradient, without marks",
      {preset("timely-patched", "TIMELY with the patch of 'ECN or Delay' (CoNEXT 2016)", patched())});
}

}  // namespace railyard
