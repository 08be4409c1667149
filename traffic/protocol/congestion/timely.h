// SPDX-License-Identifier: BSD-3-Clause
// TIMELY: a rate set by round-trip times and their gradient, without marks. [Mittal et al., SIGCOMM 2015,
// section 4, algorithm 1; Zhu et al., CoNEXT 2016, section 4.3, algorithm 2]
//
// A segment's round-trip time is that of its last packet. Packets are paced one by one, not in bursts of a
// segment (the CoNEXT paper's "per-packet pacing").
#pragma once

#include <algorithm>
#include <cstdint>

#include "traffic/protocol/congestion/algorithm.h"
#include "traffic/protocol/congestion/timely_settings.h"

namespace railyard {

struct Timely {
  using Settings = TimelySettings;

  struct Sender {
    double rate_bps = 0, line_bps = 0;
    double difference_ps = 0;  // of round-trip times, smoothed
    SimTime previous;          // round-trip time; 0: none yet
    SimTime updated;
    uint64_t acked = 0;  // since then
    uint32_t rises = 0;  // in a row
  };

  static Allowance start(Sender& s, const Settings& p, const SenderContext& context, SimTime now) {
    s = Sender{};
    s.line_bps = static_cast<double>(context.line.bps);
    s.rate_bps =
        p.initial_rate.bps == 0 ? s.line_bps : std::min(s.line_bps, static_cast<double>(p.initial_rate.bps));
    s.updated = now;
    return allowance(s);
  }

  static void acked(Sender& s, const Settings& p, const AckSample& sample, SimTime now, Allowance& a) {
    s.acked += sample.bytes;
    if (sample.rtt == SimTime{0} || s.acked < p.segment.n || now - s.updated < p.min_rtt) return;
    s.acked = 0;
    s.updated = now;
    update(s, p, std::max(sample.rtt - p.base_rtt, SimTime{0}));
    a = allowance(s);
  }

  static void signalled(Sender&, const Settings&, CongestionSignal, SimTime, Allowance&) {}
  static void advance(Sender&, const Settings&, SimTime, Allowance&) {}

 private:
  static Allowance allowance(const Sender& s) { return {s.rate_bps, kNoWindow, SimTime::never()}; }

  static void update(Sender& s, const Settings& p, SimTime rtt) {
    if (s.previous == SimTime{0}) s.previous = rtt;
    const auto difference = static_cast<double>((rtt - s.previous).ps);
    s.previous = rtt;
    s.difference_ps = (1 - p.ewma_alpha) * s.difference_ps + p.ewma_alpha * difference;
    const double gradient = s.difference_ps / static_cast<double>(p.min_rtt.ps);
    const auto delta = static_cast<double>(p.delta.bps);
    if (rtt < p.t_low) {
      s.rises = 0;
      set(s, p, s.rate_bps + delta);
    } else if (rtt > p.t_high) {
      s.rises = 0;
      set(s, p, s.rate_bps * (1 - p.beta * (1 - ratio(p.t_high, rtt))));
    } else if (p.reaction == TimelyReaction::Patched) {
      const double weight = weight_of(gradient), error = ratio(rtt - p.t_low, p.t_low);
      set(s, p, delta * (1 - weight) + s.rate_bps * (1 - p.beta * weight * error));
    } else if (gradient <= 0) {
      ++s.rises;
      set(s, p, s.rate_bps + (s.rises >= p.hai_threshold ? p.hai_threshold : 1) * delta);
    } else {
      s.rises = 0;
      set(s, p, s.rate_bps * (1 - p.beta * std::min(gradient, 1.0)));
    }
  }

  // How much of the change is decrease. [CoNEXT 2016, equation 30]
  static double weight_of(double gradient) { return std::clamp(2 * gradient + 0.5, 0.0, 1.0); }
  static double ratio(SimTime a, SimTime b) { return static_cast<double>(a.ps) / static_cast<double>(b.ps); }
  static void set(Sender& s, const Settings& p, double rate) {
    s.rate_bps = std::clamp(rate, std::min(s.line_bps, static_cast<double>(p.min_rate.bps)), s.line_bps);
  }
};

}  // namespace railyard
