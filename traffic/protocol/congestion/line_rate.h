// SPDX-License-Identifier: BSD-3-Clause
// No congestion control: a queue pair sends as fast as its port. Nothing but PFC holds it back.
#pragma once

#include "traffic/protocol/congestion/algorithm.h"
#include "traffic/units/quantity.h"

namespace railyard {

struct LineRate {
  struct Settings {};
  struct Sender {};

  static Allowance start(Sender&, const Settings&, const SenderContext& context, SimTime) {
    Allowance a;
    a.rate_bps = static_cast<double>(context.line.bps);
    return a;
  }
  static void signalled(Sender&, const Settings&, CongestionSignal, SimTime, Allowance&) {}
  static void advance(Sender&, const Settings&, SimTime, Allowance&) {}
};

}  // namespace railyard
