// SPDX-License-Identifier: BSD-3-Clause
// The soft switch's traffic manager and the simulator's switch, given the same frames at the same times: the
// same frames leave, to the picosecond, with the same marks, pauses and drops.
#include "dpdk-app/softswitch/traffic_manager.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/differential/switch_run.h"
#include "tests/differential/switch_script.h"
#include "traffic/units/random_stream.h"

namespace railyard {
namespace {

constexpr SimTime kEnd = SimTime::milliseconds(20);

lab::Frame frame_of(const Packet& p) {
  lab::Frame frame;
  frame.handle = reinterpret_cast<lab::FrameHandle>(uintptr_t{p.psn} + 1);
  frame.bytes = p.frame_bytes;
  frame.out = static_cast<uint16_t>(p.dst);
  frame.tos = p.tos;
  if (p.kind != PacketKind::Pfc) return frame;
  frame.is_pfc = true;
  frame.pause.enable_vector = static_cast<uint8_t>(p.entropy);
  frame.pause.quanta.fill(static_cast<uint16_t>(p.psn));
  return frame;
}

LeftPacket left_of(const lab::TimedFrame& departure) {
  const lab::Frame& frame = departure.frame;
  LeftPacket left;
  left.at = departure.at;
  left.is_pfc = frame.is_pfc;
  left.tos = frame.tos;
  if (frame.is_pfc) {
    left.enable = frame.pause.enable_vector;
    left.number = *std::max_element(frame.pause.quanta.begin(), frame.pause.quanta.end());
  } else {
    left.number = static_cast<uint32_t>(reinterpret_cast<uintptr_t>(frame.handle) - 1);
  }
  return left;
}

// In steps of no particular length, as a poll loop makes them.
std::vector<SwitchPortResult> play_traffic_manager(const SwitchScript& script, RandomStream& random) {
  lab::TrafficManagerSettings settings;
  settings.switching = script.settings;
  for (int64_t ps_per_byte : script.ps_per_byte) settings.ports.push_back({ps_per_byte, script.headroom});
  lab::TrafficManager manager(settings, RandomStream(script.seed, 0));
  std::vector<SwitchPortResult> results(script.ps_per_byte.size());
  size_t next = 0;
  for (SimTime now; now < kEnd;) {
    now = std::min(kEnd, now + SimTime::nanoseconds(1 + random.below(100'000)));
    for (; next < script.packets.size() && script.packets[next].packet.time <= now; ++next) {
      const SentPacket& sent = script.packets[next];
      manager.arrive(sent.port, frame_of(sent.packet), sent.packet.time);
    }
    manager.advance(now);
    for (uint32_t port = 0; port < results.size(); ++port) {
      auto& departures = manager.departures(port);
      for (; !departures.empty(); departures.pop()) results[port].left.push_back(left_of(departures.front()));
    }
  }
  for (uint32_t port = 0; port < results.size(); ++port) {
    const lab::TrafficCounters c = manager.counters(port);
    results[port].drops = c.drops;
    results[port].marked = c.ecn_marked;
    results[port].pauses_sent = c.pauses_sent;
    results[port].max_queue_bytes = c.max_queue_bytes;
    results[port].pauses = manager.pauses(port).count();
    results[port].paused = manager.pauses(port).total(kEnd);
  }
  return results;
}

TEST(TrafficManager, DoesWhatTheSimulatorsSwitchDoes) {
  constexpr uint64_t kSeeds = 100;
  uint64_t left = 0, marked = 0, pauses_sent = 0, pauses = 0;
  std::array<uint64_t, kDropReasons> drops{};
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomStream random(seed, 1);
    const SwitchScript script = draw_script(seed, random);
    const auto simulated = play_switch_in_ns3(script, kEnd);
    const auto played = play_traffic_manager(script, random);
    ASSERT_EQ(simulated.size(), played.size());
    for (size_t port = 0; port < played.size(); ++port) {
      SCOPED_TRACE("port " + std::to_string(port));
      ASSERT_EQ(simulated[port].left.size(), played[port].left.size());
      ASSERT_TRUE(simulated[port].left == played[port].left);
      ASSERT_EQ(simulated[port].drops, played[port].drops);
      ASSERT_EQ(simulated[port].marked, played[port].marked);
      ASSERT_EQ(simulated[port].pauses_sent, played[port].pauses_sent);
      ASSERT_EQ(simulated[port].pauses, played[port].pauses);
      ASSERT_EQ(simulated[port].paused, played[port].paused);
      ASSERT_EQ(simulated[port].max_queue_bytes, played[port].max_queue_bytes);
      left += played[port].left.size();
      marked += played[port].marked;
      pauses_sent += played[port].pauses_sent;
      pauses += played[port].pauses;
      for (size_t reason = 0; reason < kDropReasons; ++reason) drops[reason] += played[port].drops[reason];
    }
  }
  RecordProperty("frames", static_cast<int64_t>(left));
  EXPECT_GT(left, 100'000u);
  EXPECT_GT(marked, 1'000u);
  EXPECT_GT(pauses_sent, 1'000u);
  EXPECT_GT(pauses, 1'000u);
  for (const DropReason reason : {DropReason::HeadroomFull, DropReason::SharedFull, DropReason::EgressFull})
    EXPECT_GT(drops[static_cast<size_t>(reason)], 100u) << kDropReasonNames[static_cast<size_t>(reason)];
}

}  // namespace
}  // namespace railyard
