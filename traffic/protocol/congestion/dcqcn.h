// SPDX-License-Identifier: BSD-3-Clause
// DCQCN's reaction point: one sender's rate. [Zhu et al., SIGCOMM 2015, section 3.1 and figure 7]
//
// Nothing ticks by itself: advance(now) catches up with the timers that have expired, next_deadline() says
// when the rate changes next if nobody sends and no CNP comes.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

#include "traffic/protocol/congestion/algorithm.h"
#include "traffic/protocol/congestion/dcqcn_settings.h"
#include "traffic/units/quantity.h"

namespace railyard {

struct Dcqcn {
  using Settings = DcqcnSettings;

  // Recovery after a decrease goes through these, counted by the timer and by the byte counter.
  enum class Phase : uint8_t { FastRecovery, AdditiveIncrease, HyperIncrease };

  struct State {
    double current_bps = 0;  // "RC"
    double target_bps = 0;   // "RT"
    double line_bps = 0;
    double alpha = 1;                                // as of alpha_updated_ps
    int64_t alpha_updated_ps = SimTime::never().ps;  // it does not decay before the first CNP
    int64_t timer_started_ps = 0;
    int64_t last_decrease_ps = std::numeric_limits<int64_t>::min() / 2;
    uint64_t bytes_counted = 0;
    uint32_t timer_stage = 0;  // expiries since the last decrease
    uint32_t byte_stage = 0;
    bool limited = false;         // below line rate
    bool time_increased = false;  // the timer has raised the rate since the last decrease
  };

  using Sender = State;

  static Allowance start(Sender& s, const Settings& p, BitRate line, SimTime) {
    start(s, p, line);
    return allowance(s, p);
  }
  static void sent(Sender& s, const Settings& p, uint32_t frame_bytes, SimTime, Allowance& a) {
    on_sent(s, p, frame_bytes);
    a = allowance(s, p);
  }
  static void signalled(Sender& s, const Settings& p, CongestionSignal signal, SimTime now, Allowance& a) {
    if (signal != CongestionSignal::Cnp) return;
    on_cnp(s, p, now.ps);
    a = allowance(s, p);
  }
  static void advance(Sender& s, const Settings& p, SimTime now, Allowance& a) {
    advance(s, p, now.ps);
    a = allowance(s, p);
  }

  static void start(State& s, const Settings& p, BitRate line) {
    s = State{};
    s.line_bps = s.current_bps = s.target_bps = static_cast<double>(line.bps);
    s.alpha = p.initial_alpha_value / 1024.0;
  }

  static double rate_bps(const State& s) { return s.current_bps; }

  static int64_t next_deadline(const State& s, const Settings& p) {
    return s.limited ? s.timer_started_ps + p.rpg_time_reset.ps : SimTime::never().ps;
  }

  // Of the increase that has just been counted. The first F of either counter are fast recovery, as the
  // paper's text says and its fluid model has it; figure 7 leaves open whether it looks before or after
  // counting.
  static Phase phase(const State& s, const Settings& p) {
    if (std::max(s.timer_stage, s.byte_stage) <= p.rpg_threshold) return Phase::FastRecovery;
    if (std::min(s.timer_stage, s.byte_stage) > p.rpg_threshold) return Phase::HyperIncrease;
    return Phase::AdditiveIncrease;
  }

  static void advance(State& s, const Settings& p, int64_t now) {
    while (s.limited && now >= s.timer_started_ps + p.rpg_time_reset.ps) {
      s.timer_started_ps += p.rpg_time_reset.ps;
      ++s.timer_stage;
      s.time_increased = true;
      increase(s, p);
    }
  }

  static void on_sent(State& s, const Settings& p, uint32_t bytes) {
    if (!s.limited || p.rpg_byte_reset.n == 0) return;
    s.bytes_counted += bytes;
    if (s.bytes_counted < p.rpg_byte_reset.n) return;
    s.bytes_counted -= p.rpg_byte_reset.n;
    ++s.byte_stage;
    increase(s, p);
  }

  static void on_cnp(State& s, const Settings& p, int64_t now) {
    advance(s, p, now);
    decay_alpha(s, p, now);
    if (now - s.last_decrease_ps >= p.rate_reduce_monitor_period.ps) decrease(s, p, now);
    // The rate is cut with the alpha from before this CNP (equation 1 of the paper).
    const double keep = p.dce_tcp_g / 1024.0;
    s.alpha = keep * s.alpha + (1 - keep);
    s.alpha_updated_ps = now;
  }

 private:
  static Allowance allowance(const State& s, const Settings& p) {
    return {s.current_bps, kNoWindow, {next_deadline(s, p)}};
  }

  static void decrease(State& s, const Settings& p, int64_t now) {
    const bool set = !s.limited && p.rate_to_set_on_first_cnp.bps != 0;
    if (set) s.current_bps = std::min(s.current_bps, static_cast<double>(p.rate_to_set_on_first_cnp.bps));
    if (set || p.clamp_tgt_rate || (p.clamp_tgt_rate_after_time_inc && s.time_increased))
      s.target_bps = s.current_bps;
    if (!set) s.current_bps *= kept_share(s, p);
    s.current_bps = std::max(s.current_bps, static_cast<double>(p.rpg_min_rate.bps));
    s.timer_stage = s.byte_stage = 0;
    s.bytes_counted = 0;
    s.timer_started_ps = now;
    s.last_decrease_ps = now;
    s.time_increased = false;
    s.limited = true;
  }

  static double kept_share(const State& s, const Settings& p) {
    const double cut = s.alpha * 1024.0 / static_cast<double>(1ull << p.rpg_gd);
    return std::max(1 - cut, p.rpg_min_dec_fac / 100.0);
  }

  static void increase(State& s, const Settings& p) {
    switch (phase(s, p)) {
      case Phase::FastRecovery:
        break;
      case Phase::AdditiveIncrease:
        s.target_bps += static_cast<double>(p.rpg_ai_rate.bps);
        break;
      case Phase::HyperIncrease:
        s.target_bps += static_cast<double>(p.rpg_hai_rate.bps);
        break;
    }
    s.target_bps = std::min(s.target_bps, s.line_bps);
    s.current_bps = (s.target_bps + s.current_bps) / 2;
    // Halving never closes the gap; within a millionth of the line the limiter has nothing left to do.
    constexpr double kAtLine = 1 - 1e-6;
    if (s.current_bps >= kAtLine * s.line_bps) {
      s.current_bps = s.target_bps = s.line_bps;
      s.limited = false;
    }
  }

  // alpha falls by the factor g/1024 in every period without a CNP; powers by squaring, so that a long idle
  // time costs no more than a short one.
  static void decay_alpha(State& s, const Settings& p, int64_t now) {
    if (now <= s.alpha_updated_ps || p.dce_tcp_rtt.ps == 0) return;
    int64_t periods = (now - s.alpha_updated_ps) / p.dce_tcp_rtt.ps;
    s.alpha_updated_ps += periods * p.dce_tcp_rtt.ps;
    for (double factor = p.dce_tcp_g / 1024.0; periods > 0; periods /= 2, factor *= factor) {
      if (periods % 2 != 0) s.alpha *= factor;
    }
  }
};

}  // namespace railyard
