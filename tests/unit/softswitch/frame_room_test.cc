// SPDX-License-Identifier: BSD-3-Clause
// Every frame of a run that comes into a switch has a place, and memory ends for lossy frames first.
#include "dpdk-app/softswitch/frame_room.h"

#include <gmock/gmock.h>

#include <numeric>

#include "dpdk-app/softswitch/emulated_switch.h"
#include "tests/unit/softswitch/memory_store.h"
#include "traffic/protocol/wire/pfc_frame.h"

namespace railyard::lab {
namespace {

constexpr uint8_t kTos = 26 << 2 | ecn::kEct0;
constexpr uint32_t kPayload = 512;
constexpr uint32_t kHosts = 4;
const Bytes8 kBroadcast = [] {
  Bytes8 arp(60, 0xff);
  std::copy_n(mac_of(4).begin(), 6, arp.begin() + 6);
  arp[12] = 0x08;
  arp[13] = 0x06;
  return arp;
}();

class FrameRoomTest : public testing::Test {
 protected:
  FrameRoomTest() {
    settings.rates.assign(kHosts, BitRate::megabits(100));
    settings.hosts.mtu = kPayload;
    settings.switching.pool_size = Bytes{1'000'000};
    settings.switching.dynamic_th = 7;
  }
  ~FrameRoomTest() override {
    made.reset();
    EXPECT_EQ(store.held(), 0u);
  }
  void make() {
    made = std::make_unique<EmulatedSwitch>(settings, std::vector<MacAddress>(kHosts, mac_of(0xee)), store);
    made->set_run(RunFrames({0x0a000001, 0x0a000002, 0x0a000003}));
    for (uint8_t host = 1; host <= kHosts; ++host) send(host, data_frame(host, host == 1 ? 2 : 1, 16, 0));
    settle();
    made->start_run(now, {});
  }
  void send(uint8_t host, const Bytes8& bytes) {
    const FrameHandle frame = store.add(bytes);
    made->receive(host - 1u, &frame, 1, now);
  }
  // As long as frames are there; returns those that the device of a host got.
  size_t settle() {
    size_t to_1 = 0;
    for (uint32_t i = 0; i < 100; ++i) {
      made->advance(now += SimTime::milliseconds(20));
      for (uint32_t port = 0; port < kHosts; ++port)
        for (FrameHandle frame; made->due(port, now, &frame, 1) == 1; to_1 += port == 0 ? 1 : 0) {
          made->take(port);
          store.free(frame);
        }
    }
    return to_1;
  }
  void expect_balance(uint64_t held = 0) {
    uint64_t in = 0, out = 0;
    for (uint32_t port = 0; port < kHosts; ++port) {
      in += made->counters(port).run_received;
      out += made->counters(port).run_sent;
    }
    const RunLedger ledger = made->ledger();
    const auto sum = [](const auto& counts) {
      return std::accumulate(counts.begin(), counts.end(), uint64_t{0});
    };
    EXPECT_EQ(in + ledger.copied, out + sum(ledger.losses) + sum(ledger.drops) + ledger.held);
    EXPECT_EQ(ledger.held, held);
  }
  uint64_t lost(Loss why) const { return made->ledger().losses[static_cast<size_t>(why)]; }

  EmulatedSwitchSettings settings;
  MemoryStore store;
  std::unique_ptr<EmulatedSwitch> made;
  SimTime now;
};

TEST_F(FrameRoomTest, FollowsFromTheBuffer) {
  make();
  const size_t small = made->room().needed();
  settings.switching.pool_size = Bytes{30'000'000};
  make();
  EXPECT_NEAR(static_cast<double>(made->room().needed() - small),
              29'000'000.0 / wire::data_frame_bytes(kPayload, false), 1);
  settings.hosts.mtu = 4'096;
  make();
  EXPECT_LT(made->room().needed(), 2 * small);
}

TEST_F(FrameRoomTest, AStormLeavesRoomForLosslessData) {
  make();
  constexpr uint32_t kStorm = 60'000, kData = 1'500;
  for (uint32_t i = 0; i < kStorm; ++i) send(4, kBroadcast);  // three copies of each: more than there is room
  EXPECT_GT(made->counters(3).no_frame, 0u);
  for (uint32_t i = 0; i < kData; ++i) send(2, data_frame(2, 1, kPayload, kTos, i));
  EXPECT_EQ(made->counters(1).no_frame, 0u);
  EXPECT_LE(store.held(), made->room().needed());
  EXPECT_GE(settle(), kData);
  EXPECT_EQ(made->counters(0).run_sent, kData);
  EXPECT_EQ(made->counters(3).foreign, kStorm);
  expect_balance();
}

TEST_F(FrameRoomTest, WithoutLosslessClassesNothingIsKept) {
  settings.switching.pfc_enable = {};
  make();
  for (uint32_t i = 0; i < 1'000; ++i) send(2, data_frame(2, 1, kPayload, kTos, i));
  EXPECT_EQ(made->counters(1).no_frame, 0u);
  settle();
  expect_balance();
}

TEST_F(FrameRoomTest, WhereMemoryEndsHalfOfItIsForLosslessData) {
  store.memory = 1'000;
  make();
  EXPECT_EQ(made->room().room(), 1'000u);
  for (uint32_t i = 0; i < 1'000; ++i) send(4, kBroadcast);
  for (uint32_t i = 0; i < 400; ++i) send(2, data_frame(2, 1, kPayload, kTos, i));
  EXPECT_LE(store.held(), 1'000u);
  settle();
  EXPECT_EQ(made->counters(0).run_sent, 400u);
  expect_balance();
}

TEST_F(FrameRoomTest, EveryFrameOfTheRunHasAPlace) {
  make();
  std::vector<PortFaults> faults(kHosts);
  faults[1].in.drop = faults[1].in.duplicate = faults[0].out.drop = faults[0].out.duplicate = 10;
  faults[1].in.corrupt = faults[0].out.corrupt = 30;
  faults[1].in.corrupt_part = faults[0].out.corrupt_part = CorruptPart::Frame;
  made->set_faults(faults);
  settings.switching.pool_size = Bytes{10'000};
  for (uint32_t i = 0; i < 2'000; ++i) {
    send(2, data_frame(2, 1, kPayload, kTos, i));
    send(3, data_frame(3, 1, kPayload, 0, i));
    send(3, data_frame(3, 3, kPayload, 0, i));
    if (i % 7 == 0) send(4, kBroadcast);
    if (i % 5 == 0) made->advance(now += SimTime::microseconds(300));
  }
  made->advance(now);
  EXPECT_GT(made->ledger().held, 0u);
  expect_balance(made->ledger().held);
  settle();
  expect_balance();
  EXPECT_GT(lost(Loss::LinkFault), 0u);
  EXPECT_GT(lost(Loss::Disfigured), 0u);
  EXPECT_EQ(lost(Loss::Filtered), 2'000u);
  EXPECT_GT(made->ledger().copied, 0u);
}

TEST_F(FrameRoomTest, WhatADeviceCutShortIsNotForwarded) {
  make();
  Bytes8 cut = data_frame(2, 1, 4'096, kTos);
  cut.resize(settings.max_frame_bytes + 100);
  send(2, cut);
  cut.resize(300);  // whoever sent that meant it
  send(2, cut);
  settle();
  EXPECT_EQ(made->counters(1).cut_short, 1u);
  EXPECT_EQ(lost(Loss::CutShort), 1u);
  expect_balance();
}

TEST_F(FrameRoomTest, WhatADeviceCannotSendIsGivenUp) {
  make();
  for (uint32_t i = 0; i < 3; ++i) send(2, data_frame(2, 1, kPayload, kTos, i));
  made->advance(now += SimTime::milliseconds(5));
  made->give_up(0, Loss::TooLong);
  made->give_up(0, Loss::Refused);
  settle();
  EXPECT_EQ(made->counters(0).too_long, 1u);
  EXPECT_EQ(made->counters(0).refused, 1u);
  EXPECT_EQ(made->counters(0).run_sent, 1u);
  expect_balance();
}

TEST_F(FrameRoomTest, PausesAreCountedByWhoSentThem) {
  make();
  for (const uint8_t host : {1, 7, 7}) {
    PauseFrame pause;
    pause.source = mac_of(host);
    pause.enable_vector = 1 << 3;
    pause.quanta[3] = 10;
    Bytes8 frame(ethernet::kMinimumNoFcs);
    encode(pause, frame.data(), frame.size());
    send(1, frame);
  }
  settle();
  const std::vector<PauseSource>& sources = made->counters(0).pause_sources.sources();
  ASSERT_EQ(sources.size(), 2u);
  EXPECT_EQ(sources[0].mac, mac_of(1));
  EXPECT_EQ(sources[1].mac, mac_of(7));
  EXPECT_EQ(sources[1].frames, 2u);
  EXPECT_EQ(made->counters(0).foreign, 0u);
}

}  // namespace
}  // namespace railyard::lab
