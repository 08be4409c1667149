// SPDX-License-Identifier: BSD-3-Clause
// DCQCN's reaction point: one sender's rate. [Zhu et al., SIGCOMM 2015, section 3.1 and figure 7; Mellanox
// DOC-2790; the descriptions of tools_open_roce_cc_ecn in mstflint]
//
// Nothing ticks by itself: advance(now) catches up with what has fallen due, Allowance::deadline says when
// the rate changes next if nobody sends and no CNP comes.
#pragma once

#include <algorithm>
#include <cstdint>

#include "traffic/protocol/congestion/algorithm.h"
#include "traffic/protocol/congestion/dcqcn_notification.h"
#include "traffic/protocol/congestion/dcqcn_settings.h"
#include "traffic/units/quantity.h"

namespace railyard {

struct Dcqcn {
  using Settings = DcqcnSettings;

  // Recovery after a decrease goes through these, counted by the timer and by the byte counter.
  enum class Phase : uint8_t { FastRecovery, AdditiveIncrease, HyperIncrease };
  enum class Increase : uint8_t { None, ByTimer, ByByteCounter };

  struct State {
    double current_bps = 0;  // "RC"
    double target_bps = 0;   // "RT"
    double line_bps = 0;
    double alpha = 1;                          // as of alpha_updated
    SimTime alpha_updated = SimTime::never();  // it does not change before the first CNP
    SimTime timer_started;
    SimTime next_decrease;  // the rate is not cut before then
    uint64_t bytes_counted = 0;
    uint32_t timer_stage = 0;  // expiries since the last decrease
    uint32_t byte_stage = 0;
    Increase last_increase = Increase::None;  // since the last decrease
    bool limited = false;                     // has a rate limiter, as it is below line rate
    bool cnp_in_period = false;               // a CNP has come since alpha_updated (AlphaUpdate::Period)
    bool cnp_waiting = false;                 // a CNP cuts the rate at next_decrease
  };
  using Sender = State;
  using Receiver = DcqcnNotification;

  static Allowance start(State& s, const Settings& p, const SenderContext& context, SimTime) {
    s = State{};
    s.line_bps = s.current_bps = s.target_bps = static_cast<double>(context.line.bps);
    s.alpha = initial_alpha(p);
    return allowance(s, p);
  }

  static void sent(State& s, const Settings& p, uint32_t frame_bytes, SimTime, Allowance& a) {
    count_bytes(s, p, frame_bytes);
    a = allowance(s, p);
  }

  static void signalled(State& s, const Settings& p, CongestionSignal signal, SimTime now, Allowance& a) {
    if (signal == CongestionSignal::Timeout) return;
    if (signal == CongestionSignal::Nak && !p.roce_slow_restart) return;
    congested(s, p, now);
    a = allowance(s, p);
  }

  static void advance(State& s, const Settings& p, SimTime now, Allowance& a) {
    catch_up(s, p, now);
    a = allowance(s, p);
  }

  // Of the increase that has just been counted. The first F of either counter are fast recovery, as the
  // paper's text says and its fluid model has it; figure 7 leaves open whether it looks before or after
  // counting.
  static Phase phase(const State& s, const Settings& p) {
    if (std::max(s.timer_stage, s.byte_stage) <= p.rpg_threshold) return Phase::FastRecovery;
    if (std::min(s.timer_stage, s.byte_stage) > p.rpg_threshold) return Phase::HyperIncrease;
    return Phase::AdditiveIncrease;
  }

  static Allowance allowance(const State& s, const Settings& p) {
    return {s.current_bps, kNoWindow, std::min(timer_expiry(s, p), waiting_decrease(s))};
  }

 private:
  // A rate, or bytes, as the link has it.
  static double scaled(const State& s, const Settings& p, uint64_t value) {
    const auto as_it_is = static_cast<double>(value);
    return p.reference_rate.bps == 0 ? as_it_is
                                     : as_it_is * s.line_bps / static_cast<double>(p.reference_rate.bps);
  }

  static double initial_alpha(const Settings& p) { return p.initial_alpha_value / 1024.0; }
  static double kept_alpha(const Settings& p) { return p.dce_tcp_g / 1024.0; }

  static SimTime timer_expiry(const State& s, const Settings& p) {
    return s.limited ? s.timer_started + p.rpg_time_reset : SimTime::never();
  }
  static SimTime waiting_decrease(const State& s) {
    return s.cnp_waiting ? s.next_decrease : SimTime::never();
  }

  // At the same instant the timer comes before the decrease, which starts it anew.
  static void catch_up(State& s, const Settings& p, SimTime now) {
    for (;;) {
      const SimTime expiry = timer_expiry(s, p), cut = waiting_decrease(s);
      if (now < std::min(expiry, cut)) return;
      if (expiry <= cut) {
        s.timer_started = expiry;
        ++s.timer_stage;
        increase(s, p, Increase::ByTimer);
      } else {
        update_alpha(s, p, cut);
        decrease(s, p, cut);
      }
    }
  }

  static void count_bytes(State& s, const Settings& p, uint32_t bytes) {
    if (!s.limited || p.rpg_byte_reset.n == 0) return;
    const auto reset = static_cast<uint64_t>(scaled(s, p, p.rpg_byte_reset.n));
    s.bytes_counted += bytes;
    if (s.bytes_counted < reset) return;
    s.bytes_counted -= reset;
    ++s.byte_stage;
    increase(s, p, Increase::ByByteCounter);
  }

  // A CNP cuts the rate with the alpha from before it (equation 1 of the paper; docs/validation.md has what
  // others do, and what it changes).
  static void congested(State& s, const Settings& p, SimTime now) {
    update_alpha(s, p, now);
    const bool takes_limiter = !s.limited && now >= s.next_decrease;
    if (now < s.next_decrease) {
      s.cnp_waiting = true;
    } else {
      decrease(s, p, now);
    }
    if (p.alpha_update == AlphaUpdate::Cnp) {
      raise_alpha(s, p);
      s.alpha_updated = now;
    } else if (!takes_limiter) {  // alpha's first period begins with this CNP
      s.cnp_in_period = true;
    }
  }

  static void raise_alpha(State& s, const Settings& p) {
    s.alpha = kept_alpha(p) * s.alpha + (1 - kept_alpha(p));
  }

  // At the end of each period: raised where a CNP came in it, otherwise lowered. Powers by squaring, so that
  // a long idle time costs no more than a short one.
  static void update_alpha(State& s, const Settings& p, SimTime now) {
    if (now <= s.alpha_updated || p.dce_tcp_rtt == SimTime{0}) return;
    int64_t periods = (now - s.alpha_updated) / p.dce_tcp_rtt;
    if (periods == 0) return;
    s.alpha_updated += p.dce_tcp_rtt * periods;
    if (s.cnp_in_period) {
      raise_alpha(s, p);
      s.cnp_in_period = false;
      --periods;
    }
    for (double factor = kept_alpha(p); periods > 0; periods /= 2, factor *= factor) {
      if (periods % 2 != 0) s.alpha *= factor;
    }
  }

  static void decrease(State& s, const Settings& p, SimTime now) {
    const bool set = !s.limited && p.rate_to_set_on_first_cnp.bps != 0;
    if (!s.limited) take_limiter(s, p, now);
    if (set) s.current_bps = std::min(s.current_bps, scaled(s, p, p.rate_to_set_on_first_cnp.bps));
    if (set || clamps_target(s, p)) s.target_bps = s.current_bps;
    if (!set) s.current_bps *= kept_share(s, p);
    s.current_bps = std::max(s.current_bps, std::min(s.line_bps, scaled(s, p, p.rpg_min_rate.bps)));
    s.timer_stage = s.byte_stage = 0;
    s.bytes_counted = 0;
    s.timer_started = now;
    s.next_decrease = now + p.rate_reduce_monitor_period;
    s.last_increase = Increase::None;
    s.cnp_waiting = false;
  }

  // With AlphaUpdate::Cnp, alpha decays on while the flow is at line rate: the paper knows no limiter that a
  // flow is without.
  static void take_limiter(State& s, const Settings& p, SimTime now) {
    s.limited = true;
    if (p.alpha_update == AlphaUpdate::Cnp) return;
    s.alpha = initial_alpha(p);
    s.alpha_updated = now;
    s.cnp_in_period = false;
  }

  static bool clamps_target(const State& s, const Settings& p) {
    return p.clamp_tgt_rate || s.last_increase == Increase::ByByteCounter ||
           (p.clamp_tgt_rate_after_time_inc && s.last_increase == Increase::ByTimer);
  }

  static double kept_share(const State& s, const Settings& p) {
    const double cut = s.alpha * 1024.0 / static_cast<double>(1ull << p.rpg_gd);
    return std::max(1 - cut, p.rpg_min_dec_fac / 100.0);
  }

  static void increase(State& s, const Settings& p, Increase by) {
    s.last_increase = by;
    switch (phase(s, p)) {
      case Phase::FastRecovery:
        break;
      case Phase::AdditiveIncrease:
        s.target_bps += scaled(s, p, p.rpg_ai_rate.bps);
        break;
      case Phase::HyperIncrease:
        s.target_bps += scaled(s, p, p.rpg_hai_rate.bps);
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
};

}  // namespace railyard
