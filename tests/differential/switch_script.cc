// SPDX-License-Identifier: BSD-3-Clause
#include "tests/differential/switch_script.h"

#include <algorithm>
#include <array>

namespace railyard {
namespace {

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
  s.ecn_marking_point = random.below(2) == 0 ? MarkingPoint::Enqueue : MarkingPoint::Dequeue;
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

}  // namespace

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
    now[port] += serialisation_time(sent.packet.frame_bytes, script.ps_per_byte[port]).ps +
                 (random.below(3) == 0 ? random.below(2'000'000) : 0);
    sent.packet.time = SimTime{now[port]};
    script.packets.push_back(sent);
  }
  std::stable_sort(script.packets.begin(), script.packets.end(),
                   [](const SentPacket& a, const SentPacket& b) { return a.packet.time < b.packet.time; });
  return script;
}

}  // namespace railyard
