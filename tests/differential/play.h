// SPDX-License-Identifier: BSD-3-Clause
// The agent's NICs in virtual time, frame by frame as bytes.
#pragma once

#include <algorithm>
#include <array>
#include <deque>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "dpdk-app/agent/nic_port.h"
#include "tests/differential/scenario.h"

namespace railyard {

using FrameBytes = std::vector<uint8_t>;

// Frames in memory, from a host past the tap to the other host.
class MemoryPath {
 public:
  // From the host's transmitter; at the tap at `arrives`.
  void send(const FrameBytes& frame, SimTime arrives) { before_tap_.push_back({arrives, frame}); }
  SimTime at_tap() const { return time_of(before_tap_); }
  // Out of the tap's hands or on.
  FrameBytes take() { return pop(before_tap_); }
  void forward(const FrameBytes& frame, SimTime arrives) { behind_tap_.push_back({arrives, frame}); }
  SimTime at_host() const { return time_of(behind_tap_); }
  FrameBytes receive() { return pop(behind_tap_); }

 private:
  using Frames = std::deque<std::pair<SimTime, FrameBytes>>;
  static SimTime time_of(const Frames& frames) {
    return frames.empty() ? SimTime::never() : frames.front().first;
  }
  static FrameBytes pop(Frames& frames) {
    FrameBytes frame = std::move(frames.front().second);
    frames.pop_front();
    return frame;
  }
  Frames before_tap_, behind_tap_;
};

// The tap's hand on a frame: what the wiretap is to see of it, the mark, a pause.
class FrameTap {
 public:
  explicit FrameTap(const Scenario& scenario);
  Packet decode(Way direction, const FrameBytes& frame);
  static void mark(FrameBytes& frame);
  static FrameBytes pause(const Pause& pause);

 private:
  std::array<std::vector<uint32_t>, 2>
      psn_;  // by direction and flow: near the next, of which a frame has 24 bits
};

// Two NICs; the first sends.
class NicPair final : public lab::MessageEvents {
 public:
  NicPair(const Scenario& scenario, Transcript& transcript);

  void message_received(uint32_t flow, SimTime now) override {
    transcript_.received_ps[flow].push_back(now.ps);
  }
  void message_acked(uint32_t flow, SimTime now) override { transcript_.acked_ps[flow].push_back(now.ps); }
  void queue_pair_failed(uint32_t, SimTime) override {}

  lab::NicPort sender, receiver;

 private:
  Transcript& transcript_;
};

// Path as MemoryPath. Runs until nothing is left to happen.
template <class Path>
class Play {
 public:
  explicit Play(const Scenario& scenario)
      : scenario_(scenario),
        tap_(scenario.faults, transcript_.packets),
        frames_(scenario),
        nics_(scenario, transcript_) {}

  Transcript run() {
    nics_.sender.start_sampling({});
    const SimTime start = scenario_.posted_at;
    for (uint32_t flow = 0; flow < scenario_.flows(); ++flow)
      for (const uint64_t bytes : scenario_.messages[flow]) {
        nics_.sender.post(flow, bytes, start);
        transmit(nics_.sender, to_receiver_, start);
      }
    for (SimTime now = next(); now < scenario_.sampled_for; now = next()) {
      expect_progress(now);
      pass(Way::ToReceiver, to_receiver_, now);
      pass(Way::ToSender, to_sender_, now);
      for (; next_pause() == now; ++pauses_) {
        const Pause& pause = scenario_.faults.pauses[pauses_];
        Path& back = pause.direction == Way::ToReceiver ? to_sender_ : to_receiver_;
        back.forward(FrameTap::pause(pause), now + behind_tap());
      }
      happen(nics_.sender, to_sender_, to_receiver_, now);
      happen(nics_.receiver, to_receiver_, to_sender_, now);
    }
    transcript_.retransmitted = nics_.sender.retransmitted();
    transcript_.timeouts = nics_.sender.counters().timeouts;
    transcript_.rates = nics_.sender.rates();
    return std::move(transcript_);
  }

 private:
  // A timer that is due and never taken would keep the loop where it is.
  void expect_progress(SimTime now) {
    constexpr uint32_t kMostSteps = 1'000;  // at one instant; a few are right
    steps_ = now > now_ ? 0 : steps_ + 1;
    now_ = now;
    if (steps_ > kMostSteps || now > kLongest)
      throw std::runtime_error("the NICs ask to be called at " + format(now) +
                               " for ever: a timer is not taken, or armed again and again");
  }
  SimTime behind_tap() const { return scenario_.propagation + scenario_.nic.nic_latency; }
  SimTime next_pause() const {
    const auto& pauses = scenario_.faults.pauses;
    return pauses_ < pauses.size() ? pauses[pauses_].at : SimTime::never();
  }
  SimTime next() const {
    return std::min({nics_.sender.next_due(), nics_.receiver.next_due(), to_receiver_.at_tap(),
                     to_receiver_.at_host(), to_sender_.at_tap(), to_sender_.at_host(), next_pause()});
  }
  void pass(Way direction, Path& path, SimTime now) {
    if (path.at_tap() != now) return;
    FrameBytes frame = path.take();
    const Wiretap::Verdict v = tap_.see(direction, frames_.decode(direction, frame), now.ps);
    if (v.drop) return;
    if (v.mark) FrameTap::mark(frame);
    path.forward(frame, now + behind_tap());
  }
  // As a node's: end of transmission, arrivals, timers.
  void happen(lab::NicPort& nic, Path& in, Path& out, SimTime now) {
    if (nic.busy_until() == now) transmit(nic, out, now);
    while (in.at_host() == now) {
      const FrameBytes frame = in.receive();
      nic.on_frame(frame.data(), frame.size(), now);
      transmit(nic, out, now);
    }
    nic.poll(now, kBudget, sending(nic, out));
  }
  void transmit(lab::NicPort& nic, Path& out, SimTime now) { nic.transmit(now, kBudget, sending(nic, out)); }
  auto sending(lab::NicPort& nic, Path& out) {
    return [&](const Packet& p, const FlowAddress& to, const FrameBody& body) {
      FrameBytes frame(kLargestFrame);
      frame.resize(encode(p, to, body, frame.data(), frame.size()));
      out.send(frame, nic.busy_until() + scenario_.propagation);
    };
  }

  static constexpr SimTime kLongest = SimTime::seconds(1);
  static constexpr uint32_t kBudget = 32;
  static constexpr size_t kLargestFrame = 9'216;

  const Scenario& scenario_;
  Transcript transcript_;
  Wiretap tap_;
  FrameTap frames_;
  NicPair nics_;
  Path to_receiver_, to_sender_;
  size_t pauses_ = 0;
  SimTime now_;
  uint32_t steps_ = 0;
};

template <class Path>
Transcript play(const Scenario& scenario) {
  return Play<Path>(scenario).run();
}

}  // namespace railyard
