// SPDX-License-Identifier: BSD-3-Clause
// DCQCN's reaction point twice more, each as one document has it and as plainly as can be: clocks that tick,
// rates in Mb/s, no settings. They share nothing with traffic/protocol/congestion but two decisions that no
// document makes: the limiter goes within a millionth of line rate, and what falls due at the same instant
// comes in the order of tick().
#pragma once

#include <cstdint>

namespace railyard {

constexpr int kTicksPerMicrosecond = 2;

// Adapters: Mellanox DOC-2790 (alpha), the descriptions of tools_open_roce_cc_ecn in mstflint (everything
// else), mlxconfig's defaults.
struct ConnectxModel {
  explicit ConnectxModel(double line_mbps) : line(line_mbps), current(line_mbps), target(line_mbps) {}
  bool clamp_tgt_rate = false;
  bool clamp_tgt_rate_after_time_inc = true;

  void tick();
  void cnp();
  void sent(uint32_t bytes);
  double mbps() const { return current; }

  void reduce();
  void increase(bool by_timer);

  enum { Nobody, Timer, Bytes } raised_by = Nobody;  // last, since the last reduction
  double line, current, target;
  bool limited = false;
  double alpha = 0;  // of 1024
  bool cnp_since_update = false;
  bool cnp_to_answer = false;
  int until_update = 0, until_reduction = 0, until_increase = 0;  // ticks
  uint64_t bytes_left = 0;
  int timer_count = 0, byte_count = 0;
};

// The paper: SIGCOMM 2015, section 3.1, figure 7 and its table of constants.
struct PaperModel {
  explicit PaperModel(double line_mbps) : line(line_mbps), rc(line_mbps), rt(line_mbps) {}

  void tick();
  void cnp();
  void sent(uint32_t bytes);
  double mbps() const { return rc; }

  void raise();

  double line, rc, rt;
  double alpha = 1023.0 / 1024;  // the paper's 1, as adapters can hold it
  bool any_cnp = false;
  bool cut = false;      // RC is below line rate
  int timer = 0, k = 0;  // ticks until T and K have passed
  int64_t bytes = 0;     // until B have been sent
  int t = 0, bc = 0;     // as in figure 7
};

}  // namespace railyard
