// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/softswitch/emulated_switch.h"

#include <gmock/gmock.h>

#include "dpdk-app/softswitch/switch_record.h"
#include "tests/unit/softswitch/memory_store.h"
#include "traffic/fabric/fabric_builder.h"
#include "traffic/fabric/headrooms.h"
#include "traffic/protocol/switching/switch_layout.h"
#include "traffic/protocol/wire/pfc_frame.h"

namespace railyard::lab {
namespace {

constexpr uint8_t kTos = 26 << 2 | ecn::kEct0;
constexpr SimTime kLater = SimTime::seconds(10);
constexpr Bytes8::size_type kPayload = 1'024;
const Bytes8 kBroadcast = [] {
  Bytes8 arp(60, 0xff);
  std::copy_n(mac_of(1).begin(), 6, arp.begin() + 6);
  arp[12] = 0x08;
  arp[13] = 0x06;
  return arp;
}();

class EmulatedSwitchTest : public testing::Test {
 protected:
  static EmulatedSwitchSettings settings() {
    EmulatedSwitchSettings s;
    s.rates.assign(4, BitRate::megabits(100));
    return s;
  }
  // Hosts 1, 2, ... are at ports 0, 1, ... .
  static constexpr uint32_t port_of(uint8_t host) { return host - 1u; }

  void SetUp() override { make(settings()); }
  void TearDown() override {
    made.reset();
    EXPECT_EQ(store.held(), 0u) << "frames were lost sight of";
  }
  void make(const EmulatedSwitchSettings& s) {
    made.reset();
    made = std::make_unique<EmulatedSwitch>(s, std::vector<MacAddress>(s.rates.size(), mac_of(0xee)), store);
  }
  void send(uint32_t port, const Bytes8& bytes, SimTime at = {}) {
    const FrameHandle frame = store.add(bytes);
    made->receive(port, &frame, 1, at);
  }
  // What the device of a port had collected by then.
  void send_burst(uint32_t port, const std::vector<Bytes8>& burst, SimTime at) {
    std::vector<FrameHandle> frames;
    for (const Bytes8& bytes : burst) frames.push_back(store.add(bytes));
    made->receive(port, frames.data(), frames.size(), at);
  }
  // Every host is heard once, and what that made is gone.
  void learn() {
    for (uint8_t host = 1; host <= 4; ++host) send(port_of(host), data_frame(host, host == 1 ? 2 : 1, 16, 0));
    made->advance(now += SimTime::seconds(1));
    for (uint32_t port = 0; port < 4; ++port) out(port);
  }
  std::vector<Bytes8> out(uint32_t port) {
    std::vector<Bytes8> frames;
    for (FrameHandle frame; made->due(port, SimTime::never() - SimTime{1}, &frame, 1) == 1;) {
      frames.push_back(MemoryStore::of(frame));
      due_at.push_back(made->take(port));
      store.free(frame);
    }
    return frames;
  }

  MemoryStore store;
  std::unique_ptr<EmulatedSwitch> made;
  std::vector<SimTime> due_at;
  SimTime now;
};

TEST_F(EmulatedSwitchTest, FloodsWhatItDoesNotKnowAndForwardsWhatItLearned) {
  const Bytes8 request = data_frame(1, 2, kPayload, kTos), answer = data_frame(2, 1, kPayload, kTos);
  send(0, request);
  made->advance(now = SimTime::milliseconds(1));
  EXPECT_THAT(out(0), testing::IsEmpty());
  for (uint32_t port = 1; port < 4; ++port) EXPECT_THAT(out(port), testing::ElementsAre(request));
  send(1, answer, now);
  made->advance(now += SimTime::milliseconds(1));
  EXPECT_THAT(out(0), testing::ElementsAre(answer));
  for (uint32_t port = 1; port < 4; ++port) EXPECT_THAT(out(port), testing::IsEmpty());
}

TEST_F(EmulatedSwitchTest, BroadcastsReachEveryoneElseAndTagsStay) {
  learn();
  const Bytes8 tagged = data_frame(3, 1, kPayload, kTos, 0, VlanTag{7, 5});
  send(0, kBroadcast, now);
  send(2, tagged, now);
  made->advance(now += SimTime::milliseconds(1));
  EXPECT_THAT(out(0), testing::ElementsAre(tagged));
  for (uint32_t port = 1; port < 4; ++port) EXPECT_THAT(out(port), testing::ElementsAre(kBroadcast));
}

TEST_F(EmulatedSwitchTest, KeepsLinkLocalFramesAndTalkWithinAPortToThemselves) {
  learn();
  for (uint8_t last = 0; last < 16; ++last) {
    Bytes8 frame = data_frame(1, 2, 16, 0);
    const MacAddress group = {0x01, 0x80, 0xc2, 0x00, 0x00, last};
    std::copy(group.begin(), group.end(), frame.begin());
    send(0, frame, now);
  }
  send(0, data_frame(1, 1, 16, 0), now);
  send(0, Bytes8(13), now);
  made->advance(now += SimTime::milliseconds(1));
  for (uint32_t port = 0; port < 4; ++port) EXPECT_THAT(out(port), testing::IsEmpty());
  EXPECT_EQ(made->counters(0).filtered, 17u);
  EXPECT_EQ(made->counters(0).malformed, 1u);
}

TEST_F(EmulatedSwitchTest, MarkedFramesCarryCeAndArrivesWhole) {
  learn();
  constexpr uint32_t kFrames = 400;
  for (uint32_t i = 0; i < kFrames; ++i) send(1 + i % 2, data_frame(2 + i % 2, 1, kPayload, kTos, i), now);
  made->advance(now += SimTime::seconds(1));
  uint64_t marked = 0;
  const auto frames = out(0);
  ASSERT_EQ(frames.size(), kFrames);
  for (const Bytes8& frame : frames) {
    const auto decoded = decode(frame.data(), frame.size());
    ASSERT_TRUE(decoded) << name_of(decoded.error());
    marked += (decoded->tos & ecn::kMask) == ecn::kCe ? 1 : 0;
  }
  EXPECT_GT(marked, 150u);  // beyond Kmax, 200 kB, are 217 of them
  EXPECT_EQ(marked, made->traffic().counters(0).ecn_marked);
}

TEST_F(EmulatedSwitchTest, SpeaksAndObeysPfc) {
  EmulatedSwitchSettings s = settings();
  s.switching.pool_size = Bytes{20'000};
  make(s);
  learn();
  PauseFrame pause;
  pause.enable_vector = 1 << 3;
  pause.quanta[3] = 65'535;
  Bytes8 bytes(ethernet::kMinimumNoFcs);
  encode(pause, bytes.data(), bytes.size());
  send(0, bytes, now);
  for (uint32_t i = 0; i < 50; ++i) send(1, data_frame(2, 1, kPayload, kTos, i), now);
  made->advance(now += SimTime::milliseconds(50));
  EXPECT_THAT(out(0), testing::IsEmpty());
  const auto said = out(1);
  ASSERT_EQ(said.size(), 1u);
  const auto decoded = decode_pause(said[0].data(), said[0].size());
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->source, mac_of(0xee));
  EXPECT_EQ(decoded->enable_vector, 1 << 3);
  EXPECT_EQ(decoded->quanta[3], 65'535);

  pause.quanta[3] = 0;
  encode(pause, bytes.data(), bytes.size());
  send(0, bytes, now);
  made->advance(now += SimTime::seconds(1));
  EXPECT_EQ(out(0).size(), 50u);
  EXPECT_EQ(out(1).size(), 1u) << "no resume";
  EXPECT_EQ(made->counters(0).pfc_received, 2u);
}

TEST_F(EmulatedSwitchTest, AddsLinkDelaysPipelineAndSerialisation) {
  EmulatedSwitchSettings s = settings();
  s.link_delay = SimTime::microseconds(30);
  make(s);
  learn();
  due_at.clear();
  const Bytes8 frame = data_frame(2, 1, kPayload, kTos);
  // The last look at the ports was now.
  send(1, frame, now);
  made->advance(now + kLater);
  out(0);
  const SimTime transmission = serialisation_time(wire::data_frame_bytes(kPayload, false), 80'000);
  EXPECT_THAT(due_at,
              testing::ElementsAre(now + s.link_delay * 2 + s.switching.pipeline_latency + transmission));
}

// A process that was off the processor finds what came meanwhile in one burst.
TEST_F(EmulatedSwitchTest, AStallMakesNoQueueWhereFramesCameOneByOne) {
  learn();
  const SimTime transmission = serialisation_time(wire::data_frame_bytes(kPayload, false), 80'000);
  constexpr uint32_t kFrames = 80;
  const SimTime stall = transmission * kFrames;
  // One sender at the link's rate, then two of half of it each.
  for (const uint32_t senders : {1u, 2u}) {
    made->start_run(now, {});
    made->advance(now);
    for (uint32_t i = 0; i < senders; ++i) {
      const auto host = static_cast<uint8_t>(2 + i);
      send_burst(port_of(host), std::vector<Bytes8>(kFrames / senders, data_frame(host, 1, kPayload, kTos)),
                 now + stall);
    }
    made->advance(now += stall + SimTime::milliseconds(1));
    EXPECT_EQ(out(0).size(), kFrames);
    EXPECT_LE(made->traffic().counters(0).max_queue_bytes, 2 * wire::data_frame_bytes(kPayload, false));
    EXPECT_EQ(made->traffic().counters(0).ecn_marked, 0u);
  }
}

// Whatever is made of a stall: no frame is through sooner than its way takes.
TEST_F(EmulatedSwitchTest, AFrameAloneIsTakenToHaveComeNow) {
  learn();
  due_at.clear();
  const SimTime stall = SimTime::milliseconds(5);
  send(1, data_frame(2, 1, kPayload, kTos), now + stall);
  made->advance(now + kLater);
  out(0);
  const SimTime transmission = serialisation_time(wire::data_frame_bytes(kPayload, false), 80'000);
  EXPECT_THAT(due_at, testing::ElementsAre(now + stall + SwitchSettings().pipeline_latency + transmission));
}

TEST_F(EmulatedSwitchTest, FaultsComeAndGoWhileFramesFlow) {
  learn();
  std::vector<PortFaults> faults(4);
  ASSERT_TRUE(set_fault(faults, "1.in.down", "true"));
  ASSERT_TRUE(set_fault(faults, "0.out.duplicate", "100%"));
  made->set_faults(faults);
  send(1, data_frame(2, 1, 16, 0), now);
  send(2, data_frame(3, 1, 16, 0), now);
  made->advance(now += SimTime::milliseconds(1));
  EXPECT_EQ(out(0).size(), 2u);
  EXPECT_EQ(made->faults(1, Direction::In).counters().dropped, 1u);
  made->set_faults(std::vector<PortFaults>(4));
  send(1, data_frame(2, 1, 16, 0), now);
  made->advance(now += SimTime::milliseconds(1));
  EXPECT_EQ(out(0).size(), 1u);
}

TEST_F(EmulatedSwitchTest, ItsRecordHoldsTheRunAndNothingBefore) {
  learn();
  const SimTime start = now + SimTime::milliseconds(1);
  constexpr SimTime kInterval = SimTime::milliseconds(1);
  made->start_run(start, kInterval);
  made->advance(now = start);
  for (uint32_t i = 0; i < 100; ++i) send(1, data_frame(2, 1, kPayload, kTos, i), now);
  for (uint32_t i = 0; i < 100; ++i) send(2, data_frame(3, 1, kPayload, kTos, i), now);
  made->advance(now += SimTime::milliseconds(20));
  const record::Record r = switch_record(*made, "leaf0", start, now);
  ASSERT_EQ(r.ports.size(), 4u);
  EXPECT_EQ(r.ports[0].name, "leaf0:0");
  EXPECT_EQ(r.ports[0].node, "leaf0");
  EXPECT_TRUE(r.ports[0].is_switch);
  EXPECT_EQ(r.ports[0].tx_packets, 200u);
  EXPECT_EQ(r.ports[0].tx_data_packets, 200u);
  EXPECT_EQ(r.ports[1].tx_packets, 0u);
  EXPECT_EQ(r.duration, SimTime::milliseconds(20));
  ASSERT_EQ(r.queues.size(), 4u);
  ASSERT_EQ(r.queues[0].bytes.size(), 20u);
  // 200 frames at once, and 12.5 kB leave in a millisecond.
  const double frame = wire::data_frame_bytes(kPayload, false);
  const double wire_frame = frame + wire::kPreambleAndGap;
  for (size_t i = 0; i < 17; ++i) {
    const double sent = static_cast<double>(i + 1) * 12'500 / wire_frame;
    EXPECT_NEAR(r.queues[0].bytes[i], std::max(0.0, (200 - sent) * frame), 1.5 * frame) << i;
  }
  EXPECT_EQ(r.queues[0].bytes[19], 0u);
}

TEST(EmulatedSwitchSettings, HaveTheSimulatorsPoolThoughProgramsStall) {
  FabricSettings fabric;
  fabric.kind = FabricKind::SingleSwitch;
  fabric.hosts_per_leaf = 8;
  fabric.link_delay = SimTime::microseconds(3);
  EmulatedSwitchSettings s;
  s.rates.assign(fabric.hosts_per_leaf, fabric.link_rate);
  s.link_delay = fabric.link_delay;
  s.hosts.mtu = 1'024;
  s.hosts.pfc_response_time = SimTime::microseconds(2);
  s.switching.mmu_size = s.switching.pool_size = Bytes{3'000'000};

  const FabricPlan plan = *build_fabric(fabric);
  NodeSettings nodes;
  nodes.switch_at = [&](uint32_t) -> const SwitchSettings& { return s.switching; };
  nodes.nic_at = [&](uint32_t) -> const NicSettings& { return s.hosts; };
  nodes.mtu = s.hosts.mtu;
  const auto simulated = buffer_pool_of(s.switching, headrooms_of(plan, nodes)[plan.host_count]);
  EXPECT_LT(simulated.size, 2'500'000);

  MemoryStore store;
  const EmulatedSwitch made(s, std::vector<MacAddress>(fabric.hosts_per_leaf, mac_of(0xee)), store);
  EXPECT_EQ(made.traffic().pool().size, simulated.size);
  EXPECT_GT(made.traffic().pool().headroom_size, 100 * simulated.headroom_size);
}

TEST(EmulatedSwitchSettings, NameThePortWhoseRateCannotBeKept) {
  EmulatedSwitchSettings s;
  s.rates = {BitRate::gigabits(100), BitRate::gigabits(33)};
  EXPECT_THAT(check(s).error(), testing::StartsWith("port 1: a rate of 33Gbps cannot be kept"));
  s.rates = {BitRate::gigabits(100), BitRate::megabits(33)};
  EXPECT_TRUE(check(s));
}

}  // namespace
}  // namespace railyard::lab
