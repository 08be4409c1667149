// SPDX-License-Identifier: BSD-3-Clause
// The soft switch's traffic manager and the simulator's switch, given the same frames at the same times: the
// same frames leave, to the picosecond, with the same marks, pauses and drops.
#include "dpdk-app/softswitch/traffic_manager.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/differential/switch_run.h"
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
  for (int64_t now = 0; now < kEnd.ps;) {
    now = std::min(kEnd.ps, now + SimTime::nanoseconds(1 + random.below(100'000)).ps);
    for (; next < script.packets.size() && script.packets[next].packet.time_ps <= now; ++next) {
      const SentPacket& sent = script.packets[next];
      manager.arrive(sent.port, frame_of(sent.packet), sent.packet.time_ps);
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
    results[port].paused_ps = manager.pauses(port).total(kEnd).ps;
  }
  return results;
}

SwitchSettings draw_settings(RandomStream& random) {
  SwitchSettings s;
  s.pool_size = Bytes{20'000 + random.below(200'000)};
  s.pool_xoff = Bytes{random.below(2) == 0 ? 0 : 50'000u};
  s.xoff = Bytes{random.below(2) == 0 ? 0 : 5'000 + random.below(20'000)};
  s.size = Bytes{random.below(5'000)};
  s.static_th = Bytes{random.below(3) == 0 ? 10'000u : 0u};
  s.xon = Bytes{random.below(5'000)};
  s.xon_offset = Bytes{random.below(5'000)};
  s.dynamic_th = static_cast<int32_t>(random.below(8)) - 5;
  s.lossy_dynamic_th = static_cast<int32_t>(random.below(8)) - 5;
  s.green_max_threshold = Bytes{6'000 + random.below(100'000)};
  s.green_drop_probability = 1 + random.below(100);
  s.pause_quanta = random.below(2) == 0 ? 65'535 : 30 + random.below(1'000);
  s.pipeline_latency = SimTime::nanoseconds(random.below(1'000));
  s.pfc_response_time = SimTime::nanoseconds(random.below(2'000));
  if (random.below(4) == 0) s.pfc_enable = {};
  return s;
}

// Most of it goes to port 0; no switch sends a frame back to where it came from.
Packet draw_packet(RandomStream& random, uint32_t from, uint32_t ports, uint32_t number) {
  Packet p{};
  if (random.below(40) == 0) {
    p.kind = PacketKind::Pfc;
    p.frame_bytes = wire::kPfcFrame;
    p.entropy = random.below(2) == 0 ? 1u << 3 : 1 + random.below(255);
    p.psn = random.below(3) == 0 ? 0 : 1 + random.below(1'000);
    return p;
  }
  constexpr std::array<uint8_t, 4> kDscps = {26, 26, 48, 0};
  p.tos = static_cast<uint8_t>(kDscps[random.below(kDscps.size())] << 2 | random.below(4));
  p.psn = number;
  p.frame_bytes = static_cast<uint16_t>(64 + random.below(4'100));
  p.dst = from == 0 || random.below(3) == 0 ? (from + 1 + random.below(ports - 1)) % ports : 0;
  return p;
}

SwitchScript draw_script(uint64_t seed, RandomStream& random) {
  constexpr uint32_t kPorts = 5, kPackets = 3'000;
  SwitchScript script;
  script.seed = seed;
  script.settings = draw_settings(random);
  script.headroom = Bytes{5'000 + random.below(60'000)};
  for (uint32_t i = 0; i < kPorts; ++i) script.ps_per_byte.push_back(random.below(4) == 0 ? 200 : 80);
  std::vector<int64_t> now(kPorts, SimTime::microseconds(5).ps);
  for (uint32_t i = 0; i < kPackets; ++i) {
    const uint32_t port = random.below(kPorts);
    SentPacket sent{port, draw_packet(random, port, kPorts, i)};
    now[port] += serialisation_ps(sent.packet.frame_bytes, script.ps_per_byte[port]) +
                 (random.below(3) == 0 ? random.below(2'000'000) : 0);
    sent.packet.time_ps = now[port];
    script.packets.push_back(sent);
  }
  std::stable_sort(
      script.packets.begin(), script.packets.end(),
      [](const SentPacket& a, const SentPacket& b) { return a.packet.time_ps < b.packet.time_ps; });
  return script;
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
      ASSERT_EQ(simulated[port].paused_ps, played[port].paused_ps);
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
