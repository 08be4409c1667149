// SPDX-License-Identifier: BSD-3-Clause
// DCTCP for queue pairs: a window that is cut in proportion to the share of bytes that came marked. ACKs echo
// the marks. [Alizadeh et al., SIGCOMM 2010; RFC 8257, section 3]
//
// As a NIC has no slow start after a pause and no ACK clock to build up, a queue pair begins with
// `initial_window`, by default a bandwidth-delay product.
#pragma once

#include <algorithm>
#include <cstdint>

#include "traffic/protocol/congestion/algorithm.h"
#include "traffic/protocol/congestion/dctcp_settings.h"

namespace railyard {

struct Dctcp {
  using Settings = DctcpSettings;
  static constexpr bool kEchoesMarks = true;

  struct Sender {
    double window = 0;  // "cwnd", payload in bytes
    double line_bps = 0;
    double alpha = 1;
    double mtu = 0;
    // The observation window ends when what was in flight at its beginning is acknowledged.
    uint64_t observed = 0;
    uint64_t acked = 0, marked = 0;  // in it
    uint64_t reducing = 0;           // of what was in flight when the window was cut: not acknowledged yet
    bool slow_start = false;         // no mark has come yet
  };

  static Allowance start(Sender& s, const Settings& p, const SenderContext& context, SimTime) {
    s = Sender{};
    s.window = static_cast<double>(p.initial_window.n);
    s.line_bps = static_cast<double>(context.line.bps);
    s.mtu = context.mtu;
    s.slow_start = p.slow_start;
    return allowance(s);
  }

  static void acked(Sender& s, const Settings& p, const AckSample& sample, SimTime, Allowance& a) {
    const auto take = [&](uint64_t& left) { left -= std::min<uint64_t>(left, sample.bytes); };
    s.acked += sample.bytes;
    if (sample.marked) s.marked += sample.bytes;
    const bool sent_before_cut = s.reducing > 0;
    take(s.reducing);
    take(s.observed);
    if (s.observed == 0) observe(s, p, sample);
    if (!sent_before_cut) {
      if (sample.marked)
        reduce(s, p, s.alpha / 2, sample.in_flight);
      else
        grow(s, sample.bytes);
    }
    a = allowance(s);
  }

  // Lost packets: half the window, as any TCP. [RFC 8257, section 3.5]
  static void signalled(Sender& s, const Settings& p, CongestionSignal signal, SimTime, Allowance& a) {
    if (signal == CongestionSignal::Cnp || s.reducing > 0) return;
    reduce(s, p, 0.5, static_cast<uint64_t>(s.window));
    a = allowance(s);
  }

  static void advance(Sender&, const Settings&, SimTime, Allowance&) {}

 private:
  static Allowance allowance(const Sender& s) {
    return {s.line_bps, static_cast<uint64_t>(s.window), SimTime::never()};
  }

  // The end of an observation window. [section 3.3, steps 5 to 8]
  static void observe(Sender& s, const Settings& p, const AckSample& sample) {
    const double share = static_cast<double>(s.marked) / static_cast<double>(s.acked);
    s.alpha = s.alpha * (1 - p.g) + p.g * share;
    s.observed = sample.in_flight;
    s.acked = s.marked = 0;
  }

  // Once for each window of data. [section 3.3, step 9; RFC 3168, section 6.1.2]
  static void reduce(Sender& s, const Settings& p, double share, uint64_t in_flight) {
    s.slow_start = false;
    s.reducing = in_flight;
    s.window = std::max(s.window * (1 - share), static_cast<double>(p.minimum_window.n));
  }

  // By a packet in each round trip. [RFC 5681, section 3.1]
  static void grow(Sender& s, uint32_t bytes) {
    s.window += s.slow_start ? bytes : s.mtu * bytes / std::max(s.window, s.mtu);
  }
};

}  // namespace railyard
