// SPDX-License-Identifier: BSD-3-Clause
// The soft switch with its links, and the simulator's switch with its: the same frames come out at the same
// times where the links drop, corrupt, duplicate, delay and reorder.
#include "dpdk-app/softswitch/emulated_switch.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/differential/switch_run.h"
#include "tests/differential/switch_script.h"
#include "tests/unit/softswitch/memory_store.h"
#include "traffic/protocol/wire/pfc_frame.h"
#include "traffic/units/random_stream.h"

namespace railyard {
namespace {

constexpr SimTime kEnd = SimTime::milliseconds(20);

FaultSettings draw_faults(RandomStream& random) {
  FaultSettings f;
  const auto share = [&random] { return random.below(2) == 0 ? 0.0 : random.below(500) / 100.0; };
  f.drop = share();
  f.corrupt = share();
  f.corrupt_part = CorruptPart::Payload;
  f.duplicate = share();
  f.reorder = share();
  f.reorder_delay = SimTime::nanoseconds(1 + random.below(20'000));
  if (random.below(2) == 0) f.delay = SimTime::picoseconds(random.below(5'000'000));
  if (random.below(2) == 0) f.jitter = SimTime::picoseconds(random.below(5'000'000));
  f.down = random.below(20) == 0;
  return f;
}

// Frames of which the ICRC can tell, on links of which some are faulty.
SwitchScript draw_faulty_script(uint64_t seed, RandomStream& random) {
  SwitchScript script = draw_script(seed, random);
  script.settings.xoff = Bytes{5'000 + random.below(20'000)};
  for (SentPacket& sent : script.packets) {
    Packet& p = sent.packet;
    if (p.kind == PacketKind::Pfc) continue;
    const uint32_t payload = (p.frame_bytes - std::min<uint32_t>(p.frame_bytes, wire::kRoceOverhead)) & ~3u;
    p.frame_bytes = static_cast<uint16_t>(wire::data_frame_bytes(payload, false));
  }
  for (size_t port = 0; port < script.ps_per_byte.size(); ++port)
    script.faults.push_back({draw_faults(random), draw_faults(random)});
  // On one way only: a second flip may undo the first.
  for (PortFaults& faults : script.faults) (seed % 2 == 0 ? faults.in : faults.out).corrupt = 0;
  return script;
}

lab::Bytes8 bytes_of(const SentPacket& sent) {
  const Packet& p = sent.packet;
  if (p.kind == PacketKind::Pfc) {
    lab::Bytes8 bytes(ethernet::kMinimumNoFcs);
    encode(pause_frame_of(p, lab::mac_of(static_cast<uint8_t>(sent.port))), bytes.data(), bytes.size());
    return bytes;
  }
  const uint32_t payload = (p.frame_bytes - wire::kRoceOverhead) & ~3u;
  return lab::data_frame(static_cast<uint8_t>(sent.port), static_cast<uint8_t>(p.dst), payload, p.tos, p.psn);
}

LeftPacket left_of(const lab::Bytes8& bytes, SimTime at) {
  LeftPacket left;
  left.at = at;
  if (const auto pause = decode_pause(bytes.data(), bytes.size()); pause) {
    left.is_pfc = true;
    left.enable = pause->enable_vector;
    left.number = *std::max_element(pause->quanta.begin(), pause->quanta.end());
    return left;
  }
  const auto frame = decode(bytes.data(), bytes.size(), IcrcCheck::Skip);
  EXPECT_TRUE(frame.has_value());
  left.number = frame->psn;
  left.tos = frame->tos;
  left.corrupt = !decode(bytes.data(), bytes.size(), IcrcCheck::Verify);
  return left;
}

class SoftSwitch {
 public:
  explicit SoftSwitch(const SwitchScript& script) : script_(script) {
    lab::EmulatedSwitchSettings settings;
    settings.switching = script.settings;
    settings.link_delay = kCable;
    settings.seed = script.seed;
    std::vector<MacAddress> macs;
    for (size_t port = 0; port < script.ps_per_byte.size(); ++port) {
      settings.rates.push_back(BitRate::of_ps_per_byte(script.ps_per_byte[port]));
      macs.push_back(lab::mac_of(static_cast<uint8_t>(100 + port)));
    }
    switch_ = std::make_unique<lab::EmulatedSwitch>(settings, macs, store_);
    learn();
    switch_->set_faults(script.faults);
  }

  std::vector<SwitchPortResult> play(RandomStream& random) {
    std::vector<SwitchPortResult> results(script_.ps_per_byte.size());
    size_t next = 0;
    for (SimTime now; now < kEnd;) {
      now = std::min(kEnd, now + SimTime::nanoseconds(1 + random.below(100'000)));
      for (; next < script_.packets.size(); ++next) {
        const SentPacket& sent = script_.packets[next];
        const SimTime left_its_sender = sent.packet.time - kCable;
        if (left_its_sender > now) break;
        const lab::FrameHandle frame = store_.add(bytes_of(sent));
        switch_->receive(sent.port, &frame, 1, left_its_sender);
      }
      switch_->advance(now);
      for (uint32_t port = 0; port < results.size(); ++port) drain(port, now, results[port].left);
    }
    for (uint32_t port = 0; port < results.size(); ++port) {
      results[port].drops = switch_->traffic().counters(port).drops;
      results[port].in = switch_->faults(port, Direction::In).counters();
      results[port].out = switch_->faults(port, Direction::Out).counters();
    }
    return results;
  }

 private:
  // Each host is heard of in a frame that no switch forwards.
  void learn() {
    for (uint32_t port = 0; port < script_.ps_per_byte.size(); ++port) {
      lab::Bytes8 bytes = lab::data_frame(static_cast<uint8_t>(port), 0, 64, 0);
      std::copy(kLldp.begin(), kLldp.end(), bytes.begin());
      const lab::FrameHandle frame = store_.add(bytes);
      switch_->receive(port, &frame, 1, SimTime::nanoseconds(100));
    }
    switch_->advance(SimTime::nanoseconds(100));
  }

  void drain(uint32_t port, SimTime now, std::vector<LeftPacket>& left) {
    lab::FrameHandle frame = nullptr;
    while (switch_->due(port, now, &frame, 1) == 1) {
      const SimTime at = switch_->take(port);
      left.push_back(left_of(lab::MemoryStore::of(frame), at - kCable));
      store_.free(frame);
    }
  }

  static constexpr MacAddress kLldp = {0x01, 0x80, 0xc2, 0x00, 0x00, 0x0e};
  const SwitchScript& script_;
  lab::MemoryStore store_;
  std::unique_ptr<lab::EmulatedSwitch> switch_;
};

TEST(EmulatedSwitch, HasTheSimulatorsFaults) {
  constexpr uint64_t kSeeds = 60;
  FaultCounters all;
  uint64_t left = 0, corrupt = 0;
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomStream random(seed, 2);
    const SwitchScript script = draw_faulty_script(seed, random);
    const auto simulated = play_switch_in_ns3(script, kEnd);
    const auto played = SoftSwitch(script).play(random);
    for (size_t port = 0; port < played.size(); ++port) {
      SCOPED_TRACE("port " + std::to_string(port));
      ASSERT_TRUE(simulated[port].in == played[port].in);
      ASSERT_TRUE(simulated[port].out == played[port].out);
      ASSERT_EQ(simulated[port].drops, played[port].drops);
      ASSERT_EQ(simulated[port].left.size(), played[port].left.size());
      for (size_t i = 0; i < played[port].left.size(); ++i) {
        const LeftPacket &a = simulated[port].left[i], &b = played[port].left[i];
        ASSERT_TRUE(a == b) << "frame " << i << ": " << a.number << " at " << a.at.ps << " ps, and "
                            << b.number << " at " << b.at.ps << " ps";
      }
      left += played[port].left.size();
      for (const LeftPacket& p : played[port].left) corrupt += p.corrupt ? 1 : 0;
      for (const FaultCounters& c : {played[port].in, played[port].out}) {
        all.dropped += c.dropped, all.corrupted += c.corrupted;
        all.duplicated += c.duplicated, all.reordered += c.reordered;
      }
    }
  }
  EXPECT_GT(left, 50'000u);
  EXPECT_GT(corrupt, 500u);
  EXPECT_GT(all.dropped, 500u);
  EXPECT_GT(all.duplicated, 500u);
  EXPECT_GT(all.reordered, 500u);
}

}  // namespace
}  // namespace railyard
