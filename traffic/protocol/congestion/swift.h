// SPDX-License-Identifier: BSD-3-Clause
// Swift: a window steered so that round-trip times meet a target, which is longer for small windows. [Kumar
// et al., SIGCOMM 2020, section 3, algorithm 1 and equation 2]
//
// A round-trip time here is the fabric's: a simulated or polled host adds nothing, so there is no second
// window for the endpoint. The target's part for hops is not split off: base_target is of the whole path.
// Windows below one packet become a pace of less than a packet a round trip.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "traffic/protocol/congestion/algorithm.h"
#include "traffic/protocol/congestion/swift_settings.h"

namespace railyard {

struct Swift {
  using Settings = SwiftSettings;

  struct Sender {
    double cwnd = 0;  // packets
    double line_bps = 0, mtu = 0;
    SimTime rtt;            // the newest
    SimTime next_decrease;  // one in a round trip at most
  };

  static Allowance start(Sender& s, const Settings& p, const SenderContext& context, SimTime now) {
    s = Sender{};
    s.line_bps = static_cast<double>(context.line.bps);
    s.mtu = context.mtu;
    s.next_decrease = now;
    limit(s, p, p.initial_cwnd);
    return allowance(s);
  }

  static void acked(Sender& s, const Settings& p, const AckSample& sample, SimTime now, Allowance& a) {
    if (sample.rtt == SimTime{0}) return;
    s.rtt = sample.rtt;
    const SimTime target = target_delay(p, s.cwnd);
    if (sample.rtt < target) {
      limit(s, p, s.cwnd + p.ai * sample.bytes / s.mtu / std::max(s.cwnd, 1.0));
    } else {
      decrease(s, p, p.beta * ratio(sample.rtt - target, sample.rtt), now);
    }
    a = allowance(s);
  }

  // A loss takes the most that a delay may. [algorithm 1, lines 20 to 30]
  static void signalled(Sender& s, const Settings& p, CongestionSignal signal, SimTime now, Allowance& a) {
    if (signal == CongestionSignal::Cnp) return;
    decrease(s, p, p.max_mdf, now);
    a = allowance(s);
  }

  static void advance(Sender&, const Settings&, SimTime, Allowance&) {}

  // The base target and what a window of `cwnd` packets adds: nothing from fs_max_cwnd on, fs_range at
  // fs_min_cwnd and below. [equation 2, without the hops' part]
  static SimTime target_delay(const Settings& p, double cwnd) {
    const double scale = 1 / (1 / std::sqrt(p.fs_min_cwnd) - 1 / std::sqrt(p.fs_max_cwnd));
    const double share = scale * (1 / std::sqrt(cwnd) - 1 / std::sqrt(p.fs_max_cwnd));
    const double added = std::clamp(share, 0.0, 1.0) * static_cast<double>(p.fs_range.ps);
    return p.base_target + SimTime{static_cast<int64_t>(added)};
  }

 private:
  static double ratio(SimTime a, SimTime b) { return static_cast<double>(a.ps) / static_cast<double>(b.ps); }

  static void decrease(Sender& s, const Settings& p, double share, SimTime now) {
    if (now < s.next_decrease) return;
    s.next_decrease = now + s.rtt;
    limit(s, p, s.cwnd * (1 - std::min(share, p.max_mdf)));
  }

  static void limit(Sender& s, const Settings& p, double cwnd) {
    s.cwnd = std::clamp(cwnd, p.min_cwnd, std::max(p.min_cwnd, p.max_cwnd));
  }

  static Allowance allowance(const Sender& s) {
    constexpr double kBitPicoseconds = 8e12;
    double rate = s.line_bps;
    if (s.cwnd < 1 && s.rtt > SimTime{0})
      rate = std::min(rate, s.cwnd * s.mtu * kBitPicoseconds / static_cast<double>(s.rtt.ps));
    return {rate, static_cast<uint64_t>(std::max(s.cwnd, 1.0) * s.mtu), SimTime::never()};
  }
};

}  // namespace railyard
