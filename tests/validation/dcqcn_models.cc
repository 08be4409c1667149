// SPDX-License-Identifier: BSD-3-Clause
#include "tests/validation/dcqcn_models.h"

#include <algorithm>

namespace railyard {
namespace {

constexpr double kAtLine = 1 - 1e-6;

}  // namespace

void ConnectxModel::tick() {
  if (limited && --until_increase == 0) {
    until_increase = 300 * kTicksPerMicrosecond;  // rpg_time_reset
    ++timer_count;
    increase(true);
  }
  if (--until_update == 0) {
    until_update = 1 * kTicksPerMicrosecond;  // dce_tcp_rtt
    alpha = alpha * 1019 / 1024 + (cnp_since_update ? 1024 - 1019 : 0);
    cnp_since_update = false;
  }
  if (until_reduction > 0 && --until_reduction == 0 && cnp_to_answer) reduce();
}

void ConnectxModel::cnp() {
  cnp_since_update = true;
  cnp_to_answer = true;
  if (until_reduction == 0) reduce();
}

void ConnectxModel::reduce() {
  if (!limited) {
    limited = true;
    alpha = 1023;  // initial_alpha_value
    until_update = 1 * kTicksPerMicrosecond;
    cnp_since_update = false;
  }
  if (clamp_tgt_rate || raised_by == Bytes || (raised_by == Timer && clamp_tgt_rate_after_time_inc))
    target = current;
  current = std::max(current * (1 - alpha / 2048), current * 0.5);  // rpg_gd 11, rpg_min_dec_fac 50 %
  current = std::max(current, 1.0);                                 // rpg_min_rate
  raised_by = Nobody;
  cnp_to_answer = false;
  until_reduction = 4 * kTicksPerMicrosecond;  // rate_reduce_monitor_period
  until_increase = 300 * kTicksPerMicrosecond;
  bytes_left = 32767 * 64;  // rpg_byte_reset
  timer_count = byte_count = 0;
}

void ConnectxModel::sent(uint32_t bytes) {
  if (!limited) return;
  if (bytes < bytes_left) {
    bytes_left -= bytes;
    return;
  }
  bytes_left += 32767 * 64 - bytes;
  ++byte_count;
  increase(false);
}

void ConnectxModel::increase(bool by_timer) {
  raised_by = by_timer ? Timer : Bytes;
  const bool timer_past = timer_count > 1, bytes_past = byte_count > 1;  // rpg_threshold
  if (timer_past && bytes_past) {
    target += 50;  // rpg_hai_rate
  } else if (timer_past || bytes_past) {
    target += 5;  // rpg_ai_rate
  }
  target = std::min(target, line);
  current += (target - current) / 2;
  if (current < kAtLine * line) return;
  current = target = line;
  limited = false;
}

void PaperModel::tick() {
  if (cut && --timer == 0) {
    timer = 55 * kTicksPerMicrosecond;
    ++t;
    raise();
  }
  if (any_cnp && --k == 0) {
    k = 55 * kTicksPerMicrosecond;
    alpha -= alpha / 256;
  }
}

void PaperModel::cnp() {
  rt = rc;
  rc = std::max(rc - rc * alpha / 2, 1.0);
  alpha += (1 - alpha) / 256;
  cut = any_cnp = true;
  timer = k = 55 * kTicksPerMicrosecond;
  bytes = 10'000'000;
  t = bc = 0;
}

void PaperModel::sent(uint32_t n) {
  if (!cut) return;
  bytes -= n;
  if (bytes > 0) return;
  bytes += 10'000'000;
  ++bc;
  raise();
}

void PaperModel::raise() {
  constexpr int kF = 5;
  if (t > kF && bc > kF) {
    rt += 400;  // the paper gives none; ten times R_AI, as adapters have it
  } else if (t > kF || bc > kF) {
    rt += 40;  // R_AI
  }
  rt = std::min(rt, line);
  rc = (rt + rc) / 2;
  if (rc < kAtLine * line) return;
  rc = rt = line;
  cut = false;
}

}  // namespace railyard
