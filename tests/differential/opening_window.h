// SPDX-License-Identifier: BSD-3-Clause
// An algorithm that needs all that a NIC has for algorithms: its window is opened by time, from its start on,
// and by acknowledgements, and closed by marks that they echo.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "traffic/parameter/parameter.h"
#include "traffic/protocol/congestion/algorithm_row.h"

namespace railyard {

struct OpeningWindow {
  struct Settings {
    uint64_t first = 3'000, most = 40'000;  // bytes
    uint64_t step = 1'100;                  // bytes a period
    SimTime period = SimTime::microseconds(2);
  };
  struct Sender {
    SimTime next;
  };
  static constexpr bool kEchoesMarks = true;

  static Allowance start(Sender& s, const Settings& p, const SenderContext& context, SimTime now) {
    s.next = now + p.period;
    return {static_cast<double>(context.line.bps), p.first, s.next};
  }
  static void acked(Sender& s, const Settings& p, const AckSample& sample, SimTime, Allowance& a) {
    const uint64_t window = sample.marked ? a.window_bytes / 2 : a.window_bytes + sample.bytes / 16;
    allow(s, p, window, a);
  }
  static void signalled(Sender&, const Settings&, CongestionSignal, SimTime, Allowance&) {}
  static void advance(Sender& s, const Settings& p, SimTime now, Allowance& a) {
    uint64_t window = a.window_bytes;
    for (; s.next <= now; s.next += p.period) window += p.step;
    allow(s, p, window, a);
  }

 private:
  static void allow(const Sender& s, const Settings& p, uint64_t window, Allowance& a) {
    a.window_bytes = std::clamp(window, p.first, p.most);
    a.deadline = s.next;
  }
};

inline const std::vector<Parameter<OpeningWindow::Settings>>& parameters_of(const OpeningWindow::Settings*) {
  static const std::vector<Parameter<OpeningWindow::Settings>> none;
  return none;
}

inline const CongestionAlgorithm& opening_window() {
  static const CongestionAlgorithm row = algorithm_row<OpeningWindow>("opening", "");
  return row;
}

}  // namespace railyard
