// SPDX-License-Identifier: BSD-3-Clause
// A fixed window: a queue pair sends at line rate as long as no more than so much is unacknowledged. With N
// senders, what stands before one receiver is at most N windows less what the round trip holds. It heeds no
// mark. [static windows of lossless fabrics: Li et al., "HPCC", SIGCOMM 2019, section 2.3]
#pragma once

#include <cstdint>

#include "traffic/protocol/congestion/algorithm.h"
#include "traffic/protocol/congestion/window_settings.h"

namespace railyard {

struct FixedWindow {
  using Settings = WindowSettings;
  struct Sender {};

  static Allowance start(Sender&, const Settings& p, const SenderContext& context, SimTime) {
    Allowance a;
    a.rate_bps = static_cast<double>(context.line.bps);
    a.window_bytes = p.window_bytes.n;
    return a;
  }
  static void signalled(Sender&, const Settings&, CongestionSignal, SimTime, Allowance&) {}
  static void advance(Sender&, const Settings&, SimTime, Allowance&) {}
};

}  // namespace railyard
