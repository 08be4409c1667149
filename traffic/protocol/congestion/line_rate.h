// SPDX-License-Identifier: BSD-3-Clause
// No congestion control: a queue pair sends as fast as its port. Nothing but PFC holds it back.
#pragma once

#include <cstdint>

#include "traffic/protocol/congestion/algorithm.h"
#include "traffic/units/quantity.h"

namespace railyard {

struct LineRate {
  struct Settings {};
  struct State {
    double line_bps = 0;
  };

  using Sender = State;

  static Allowance start(Sender&, const Settings&, BitRate line, SimTime) {
    Allowance a;
    a.rate_bps = static_cast<double>(line.bps);
    return a;
  }
  static void signalled(Sender&, const Settings&, CongestionSignal, SimTime, Allowance&) {}
  static void advance(Sender&, const Settings&, SimTime, Allowance&) {}

  static void start(State& s, const Settings&, BitRate line) { s.line_bps = static_cast<double>(line.bps); }
  static double rate_bps(const State& s) { return s.line_bps; }
  static int64_t next_deadline(const State&, const Settings&) { return SimTime::never().ps; }
  static void advance(State&, const Settings&, int64_t) {}
  static void on_sent(State&, const Settings&, uint32_t) {}
  static void on_cnp(State&, const Settings&, int64_t) {}
};

}  // namespace railyard
