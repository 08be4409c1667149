// SPDX-License-Identifier: BSD-3-Clause
// Virtual time for two NICs and the paths between them.
#pragma once

#include <algorithm>
#include <optional>

#include "tests/differential/nic.h"
#include "tests/differential/scenario.h"

namespace railyard {

// Packets in memory, from a host past the tap to the other host.
class MemoryPath {
 public:
  explicit MemoryPath(Direction, const Scenario&) {}

  // From the host's transmitter; at the tap at p.time_ps.
  void send(const Packet& p) { before_tap_.push_back(p); }
  int64_t at_tap() const { return time_of(before_tap_); }
  Packet look() { return before_tap_.front(); }
  void drop() { before_tap_.pop_front(); }
  void forward(bool mark, int64_t arrives) {
    Packet p = before_tap_.front();
    before_tap_.pop_front();
    if (mark) p.tos |= ecn::kCe;
    p.time_ps = arrives;
    behind_tap_.push_back(p);
  }
  int64_t at_host() const { return time_of(behind_tap_); }
  Packet receive() {
    const Packet p = behind_tap_.front();
    behind_tap_.pop_front();
    return p;
  }

 private:
  static int64_t time_of(const std::deque<Packet>& packets) {
    return packets.empty() ? SimTime::never().ps : packets.front().time_ps;
  }
  std::deque<Packet> before_tap_, behind_tap_;
};

// Path as MemoryPath. Runs until nothing is left to happen.
template <class Path>
Transcript play(const Scenario& scenario) {
  Transcript transcript;
  Wiretap tap(scenario.faults, transcript.packets);
  Nic sender(scenario), receiver(scenario);
  Path to_receiver(Direction::ToReceiver, scenario), to_sender(Direction::ToSender, scenario);

  const auto put = [&](Path& path, std::optional<Packet> p) {
    if (!p) return;
    p->time_ps += scenario.propagation.ps;
    path.send(*p);
  };
  const auto pass = [&](Direction direction, Path& path, int64_t now) {
    if (path.at_tap() != now) return;
    const Wiretap::Verdict v = tap.see(direction, path.look(), now);
    if (v.drop) {
      path.drop();
    } else {
      path.forward(v.mark, now + (scenario.propagation + scenario.nic.nic_latency).ps);
    }
  };
  const auto run = [&](Nic& nic, Path& in, Path& out, int64_t now) {
    if (nic.transmit_end() == now) put(out, nic.on_transmit_end(now));
    if (in.at_host() == now) put(out, nic.on_arrival(in.receive(), now));
    while (nic.next_timer() == now) put(out, nic.on_timer(now));
  };

  put(to_receiver, sender.post_all(0));
  for (;;) {
    const int64_t now =
        std::min({sender.transmit_end(), sender.next_timer(), receiver.transmit_end(), receiver.next_timer(),
                  to_receiver.at_tap(), to_receiver.at_host(), to_sender.at_tap(), to_sender.at_host()});
    if (now == SimTime::never().ps) break;
    pass(Direction::ToReceiver, to_receiver, now);
    pass(Direction::ToSender, to_sender, now);
    run(sender, to_sender, to_receiver, now);
    run(receiver, to_receiver, to_sender, now);
  }
  transcript.received_ps = receiver.received_ps;
  transcript.acked_ps = sender.acked_ps;
  transcript.retransmitted = sender.sender().retransmitted;
  transcript.timeouts = sender.timeouts;
  return transcript;
}

}  // namespace railyard
