// SPDX-License-Identifier: BSD-3-Clause
// An algorithm outside of the tree's own folder: every queue pair sends at a share of the line's rate.
#pragma once

#include "traffic/protocol/congestion/algorithm_row.h"

namespace railyard {

struct HalfRateSettings {
  double share = 0.5;
};

const std::vector<Parameter<HalfRateSettings>>& parameters_of(const HalfRateSettings*);

struct HalfRate {
  using Settings = HalfRateSettings;
  struct Sender {};

  static Allowance start(Sender&, const Settings& p, const SenderContext& context, SimTime) {
    Allowance a;
    a.rate_bps = p.share * static_cast<double>(context.line.bps);
    return a;
  }
  static void signalled(Sender&, const Settings&, CongestionSignal, SimTime, Allowance&) {}
  static void advance(Sender&, const Settings&, SimTime, Allowance&) {}
};

}  // namespace railyard
