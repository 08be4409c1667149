// SPDX-License-Identifier: BSD-3-Clause
// One NIC, three ways to play it: the agent's in virtual time, the simulator's on both engines, and the
// agent's over DPDK with a fake clock. All must put the same packets on the wire at the same time.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/differential/datapath_run.h"
#include "tests/differential/play.h"
#include "tests/differential/ring_path.h"
#include "traffic/protocol/congestion/dcqcn_presets.h"

namespace railyard {
namespace {

constexpr uint32_t kMtu = 1'024;

Scenario scenario(std::string name, std::vector<std::vector<uint64_t>> messages) {
  Scenario s;
  s.name = std::move(name);
  s.messages = std::move(messages);
  s.nic.mtu = kMtu;
  s.nic.ack_timeout = 5;  // 131 us: more than ten round trips
  return s;
}

Scenario clean(uint32_t ack_every) {
  Scenario s = scenario("clean", {{0, 1, kMtu, kMtu + 1, 100'000, 10 * kMtu, 7}});
  s.nic.ack_every = ack_every;
  return s;
}

Scenario lossy(std::string name, std::set<uint32_t> data, std::set<uint32_t> answers) {
  Scenario s = scenario(std::move(name), {{50'000, 3, 50'000}});
  s.faults.dropped_data = std::move(data);
  s.faults.dropped_answers = std::move(answers);
  return s;
}

Scenario marked(const char* preset) {
  Scenario s = scenario(preset, {{1'000'000, 1'000'000}});
  s.dcqcn = *dcqcn_preset(preset);
  s.faults.first_marked = 20;
  s.faults.last_marked = 600;
  return s;
}

Scenario wrapping(std::string name, uint32_t first_psn) {
  Scenario s = lossy(std::move(name), {15, 60}, {40});
  s.first_psn = first_psn;
  return s;
}

Scenario everything() {
  Scenario s = scenario("everything", {{300'000, 0, 5, 500'000, 40'000}});
  s.dcqcn = *dcqcn_preset("dcqcn-connectx");
  s.nic.ack_every = 3;
  s.nic.mtu = 4'096;
  s.nic.cnp_dscp = s.nic.ack_dscp;
  s.propagation = SimTime::picoseconds(1'234'567);
  s.faults.first_marked = 30;
  s.faults.last_marked = 90;
  for (uint32_t n = 37; n < 1'000; n += 37) s.faults.dropped_data.insert(n);
  for (uint32_t n = 11; n < 1'000; n += 29) s.faults.dropped_answers.insert(n);
  return s;
}

// Eight queue pairs in turn, of which some packets are lost and some marked.
Scenario in_turn(const char* preset) {
  std::vector<std::vector<uint64_t>> messages;
  for (uint64_t flow = 0; flow < 8; ++flow) messages.push_back({50'000 + 7'000 * flow, 0, 30'000});
  Scenario s = scenario("in_turn", std::move(messages));
  s.dcqcn = *dcqcn_preset(preset);
  s.faults.first_marked = 40;
  s.faults.last_marked = 200;
  for (uint32_t n = 31; n < 2'000; n += 131) s.faults.dropped_data.insert(n);
  return s;
}

// Data of two queues; PFC stops one, then the other, then the answers, until told to go on or by itself.
Scenario paused() {
  Scenario s = scenario("paused", {{300'000}, {200'000}, {100'000, 100'000}});
  constexpr uint32_t kOtherDscp = 40;  // queue 5
  s.dscps = {s.nic.dscp, kOtherDscp, s.nic.dscp};
  const auto at = [](int64_t us) { return SimTime::microseconds(us); };
  s.faults.pauses = {{at(3), Way::ToReceiver, 3, 2'000},  // 10.24 us
                     {at(8), Way::ToReceiver, 5, 0xffff}, {at(11), Way::ToReceiver, 3, 400},
                     {at(20), Way::ToReceiver, 5, 0},     {at(24), Way::ToSender, 3, 0xffff},
                     {at(31), Way::ToSender, 3, 0}};
  s.faults.first_marked = 230;  // while the answers are paused: CNPs have a class of their own
  s.faults.last_marked = 260;
  return s;
}

// Three queue pairs with windows of a few packets; data, answers and a tail are lost.
Scenario windowed(uint32_t ack_every) {
  Scenario s = scenario("windowed", {{60'000, 1, 40'000}, {80'000}, {30'000, 30'000}});
  s.nic.ack_every = ack_every;
  s.algorithm = "window";
  s.window.window_bytes = {5 * kMtu + 100};
  s.faults.dropped_data = {9, 60, 241};
  s.faults.dropped_answers = {20, 21, 22};
  return s;
}

// Windows that time opens and echoed marks close, from the first message on; answers of both kinds are lost.
Scenario opening(uint32_t ack_every) {
  Scenario s = scenario("opening", {{60'000, 1, 40'000}, {80'000}, {30'000, 30'000}});
  s.algorithm = "opening";
  // At no instant two of them: a poll loop handles all timers before it sends, the simulator one by one.
  s.opening[1].period = SimTime::nanoseconds(2'311);
  s.opening[2].period = SimTime::nanoseconds(2'903);
  s.nic.ack_every = ack_every;
  s.posted_at = SimTime::picoseconds(934'567);  // before rates are sampled
  s.propagation = SimTime::microseconds(20);
  s.nic.ack_timeout = 7;  // 524 us
  s.faults.first_marked = 30;
  s.faults.last_marked = 80;
  s.faults.dropped_data = {20, 60, 141};
  s.faults.dropped_answers = {20, 21, 22};
  return s;
}

uint64_t count(const Transcript& t, PacketKind kind) {
  return static_cast<uint64_t>(
      std::count_if(t.packets.begin(), t.packets.end(), [&](const Sighting& s) { return s.kind == kind; }));
}

void expect_same(const Transcript& expected, const Transcript& actual, const char* who) {
  SCOPED_TRACE(who);
  for (size_t i = 0; i < std::min(expected.packets.size(), actual.packets.size()); ++i) {
    ASSERT_EQ(expected.packets[i], actual.packets[i]) << "packet " << i;
  }
  EXPECT_EQ(expected.packets.size(), actual.packets.size());
  EXPECT_EQ(expected.received_ps, actual.received_ps);
  EXPECT_EQ(expected.acked_ps, actual.acked_ps);
  EXPECT_EQ(expected.retransmitted, actual.retransmitted);
  EXPECT_EQ(expected.timeouts, actual.timeouts);
}

class Transport : public testing::TestWithParam<Scenario> {};

TEST_P(Transport, IsTheSameInVirtualTimeInNs3AndOverDpdk) {
  const Scenario& s = GetParam();
  const Transcript loop = play<MemoryPath>(s);
  for (uint32_t flow = 0; flow < s.flows(); ++flow) {
    ASSERT_EQ(loop.received_ps[flow].size(), s.messages[flow].size());
    ASSERT_EQ(loop.acked_ps[flow].size(), s.messages[flow].size());
  }
  expect_same(loop, play_in_ns3(s, Engine::Window), "ns-3, window engine");
  expect_same(loop, play_in_ns3(s, Engine::Reference), "ns-3, reference engine");
  expect_same(loop, play<RingPath>(s), "DPDK");
}

// At instants at which nothing else happens: which of two things at one instant comes first is the player's.
TEST_P(Transport, IsAllowedTheSameInVirtualTimeAndInNs3) {
  Scenario s = GetParam();
  s.sample_interval = SimTime::picoseconds(1'000'003);
  s.sampled_for = s.sample_interval * 500 + SimTime::picoseconds(1);
  const Transcript loop = play<MemoryPath>(s);
  ASSERT_EQ(loop.rates.size(), s.flows());
  for (const Engine engine : {Engine::Window, Engine::Reference}) {
    const Transcript in_ns3 = play_in_ns3(s, engine);
    ASSERT_EQ(in_ns3.rates.size(), s.flows());
    for (uint32_t flow = 0; flow < s.flows(); ++flow) {
      EXPECT_EQ(loop.rates[flow].rate_bps.size(), 500u);
      EXPECT_EQ(loop.rates[flow].rate_bps, in_ns3.rates[flow].rate_bps);
      EXPECT_EQ(loop.rates[flow].window_bytes, in_ns3.rates[flow].window_bytes);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Scenarios, Transport,
                         testing::Values(clean(1), clean(16), lossy("data_lost", {20}, {}),
                                         lossy("first_lost", {1}, {}), lossy("tail_lost", {99}, {}),
                                         lossy("answers_lost", {}, {3, 99}), lossy("nak_lost", {20}, {20}),
                                         marked("dcqcn-paper"), marked("dcqcn-connectx"),
                                         wrapping("wraps_at_24_bits", 0xfffff8),
                                         wrapping("wraps_at_32_bits", 0xfffffff8), everything(),
                                         in_turn("dcqcn-paper"), in_turn("dcqcn-connectx"), paused(),
                                         windowed(1), windowed(3), windowed(64), opening(1), opening(4)),
                         [](const auto& info) {
                           std::string name = info.param.name + "_" + std::to_string(info.index);
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

// The scenarios above must show what they are for.

TEST(TransportScenarios, ALostPacketIsNamedOnceAndSentAgainFromThere) {
  const Transcript t = play<MemoryPath>(lossy("", {20}, {}));
  EXPECT_EQ(count(t, PacketKind::Nak), 1u);
  EXPECT_EQ(t.timeouts, 0u);
  EXPECT_GT(t.retransmitted, 0u);
  std::vector<uint32_t> lost_sent;
  for (const Sighting& s : t.packets)
    if (s.kind == PacketKind::Data && s.psn == 19) lost_sent.push_back(s.dropped ? 1 : 0);
  EXPECT_EQ(lost_sent, (std::vector<uint32_t>{1, 0}));
}

TEST(TransportScenarios, ALostTailAndALostNakTakeATimeOut) {
  EXPECT_EQ(play<MemoryPath>(lossy("", {99}, {})).timeouts, 1u);
  EXPECT_EQ(play<MemoryPath>(lossy("", {20}, {20})).timeouts, 1u);
}

TEST(TransportScenarios, MarksBringCnpsAndSlowTheSender) {
  for (const char* preset : {"dcqcn-paper", "dcqcn-connectx"}) {
    const Scenario s = marked(preset);
    const Transcript t = play<MemoryPath>(s);
    EXPECT_GT(count(t, PacketKind::Cnp), 2u) << preset;
    Scenario unmarked = s;
    unmarked.faults = {};
    EXPECT_GT(t.received_ps[0].back(), 2 * play<MemoryPath>(unmarked).received_ps[0].back()) << preset;
  }
}

TEST(TransportScenarios, SamplesShowTheRateFallAndRise) {
  Scenario s = marked("dcqcn-paper");
  s.sample_interval = SimTime::microseconds(1);
  s.sampled_for = SimTime::microseconds(500);
  const std::vector<uint64_t> rates = play<MemoryPath>(s).rates.at(0).rate_bps;
  const auto least = std::min_element(rates.begin(), rates.end());
  EXPECT_EQ(rates.front(), s.rate.bps);
  EXPECT_LT(*least, s.rate.bps / 2);
  EXPECT_GT(rates.back(), *least);
}

TEST(TransportScenarios, EverythingHasAllOfIt) {
  const Transcript t = play<MemoryPath>(everything());
  EXPECT_GT(count(t, PacketKind::Nak), 1u);
  EXPECT_GT(count(t, PacketKind::Cnp), 1u);
  EXPECT_GT(t.timeouts, 0u);
}

TEST(TransportScenarios, EachPauseStopsItsQueueOnly) {
  const Transcript t = play<MemoryPath>(paused());
  const auto sent = [&](Way direction, uint32_t flow, int64_t from_us, int64_t to_us) {
    return std::count_if(t.packets.begin(), t.packets.end(), [&](const Sighting& s) {
      return s.direction == direction && s.flow == flow && s.kind != PacketKind::Cnp &&
             s.time_ps >= SimTime::microseconds(from_us).ps && s.time_ps < SimTime::microseconds(to_us).ps;
    });
  };
  for (const uint32_t flow : {0u, 2u}) EXPECT_EQ(sent(Way::ToReceiver, flow, 6, 11), 0);
  EXPECT_GT(sent(Way::ToReceiver, 1, 6, 9), 10);
  EXPECT_EQ(sent(Way::ToReceiver, 1, 11, 20), 0);
  EXPECT_EQ(sent(Way::ToSender, 0, 27, 31), 0);
  EXPECT_TRUE(std::any_of(t.packets.begin(), t.packets.end(), [](const Sighting& s) {
    return s.kind == PacketKind::Cnp && s.time_ps > SimTime::microseconds(26).ps &&
           s.time_ps < SimTime::microseconds(31).ps;
  }));
  EXPECT_GT(sent(Way::ToSender, 0, 32, 33), 0);
}

TEST(TransportScenarios, QueuePairsTakeTurns) {
  const Transcript t = play<MemoryPath>(in_turn("dcqcn-paper"));
  EXPECT_GT(count(t, PacketKind::Nak), 4u);
  EXPECT_GT(count(t, PacketKind::Cnp), 8u);
  uint64_t changes = 0;
  for (size_t i = 1; i < t.packets.size(); ++i) changes += t.packets[i].flow != t.packets[i - 1].flow ? 1 : 0;
  EXPECT_GT(changes, t.packets.size() / 2);
}

TEST(TransportScenarios, AWindowHoldsEachQueuePairBack) {
  Scenario open = windowed(1);
  open.window.window_bytes = {1'000'000};
  open.faults = {};
  Scenario held = open;
  held.window = windowed(1).window;
  // A round trip of 3 us carries 37 kB at line rate.
  held.messages = open.messages = {{500'000}};
  EXPECT_GT(play<MemoryPath>(held).received_ps[0][0], 5 * play<MemoryPath>(open).received_ps[0][0]);
}

TEST(TransportScenarios, FewAcknowledgementsDoNotStallAWindow) {
  Scenario s = windowed(64);  // it holds five
  s.faults = {};
  EXPECT_EQ(play<MemoryPath>(s).timeouts, 0u);
}

TEST(TransportScenarios, TimeOpensAWindowFromTheFirstMessageOn) {
  Scenario s = opening(1);
  s.messages = {{100'000}};
  s.faults = {};
  const auto sent_by = [&](SimTime after_post) {
    const Transcript t = play<MemoryPath>(s);
    const int64_t until = (s.posted_at + after_post + s.propagation).ps;
    return std::count_if(t.packets.begin(), t.packets.end(), [&](const Sighting& p) {
      return p.direction == Way::ToReceiver && p.time_ps < until;
    });
  };
  // A round trip takes 80 us: no acknowledgement comes before. Two packets fit the first window.
  EXPECT_EQ(sent_by(SimTime::microseconds(2)), 2);
  EXPECT_EQ(sent_by(SimTime::microseconds(5)), 5);
  EXPECT_GT(sent_by(SimTime::microseconds(60)), 25);
}

TEST(TransportScenarios, AcknowledgementsSayWhatWasMarked) {
  for (const uint32_t ack_every : {1u, 4u}) {
    Scenario s = opening(ack_every);
    s.messages = {{500'000}};
    s.faults = {};
    const int64_t unmarked = play<MemoryPath>(s).received_ps[0][0];
    s.faults.first_marked = 30;
    s.faults.last_marked = 400;
    const Transcript t = play<MemoryPath>(s);
    EXPECT_EQ(count(t, PacketKind::Cnp), 0u);
    EXPECT_GT(2 * t.received_ps[0][0], 3 * unmarked);
    const auto echoes = std::count_if(t.packets.begin(), t.packets.end(), [](const Sighting& p) {
      return p.kind == PacketKind::Ack && (p.flags & packet_flag::kEcnEcho) != 0;
    });
    EXPECT_GE(echoes, ack_every == 1 ? 371 : 93);
  }
}

}  // namespace
}  // namespace railyard
