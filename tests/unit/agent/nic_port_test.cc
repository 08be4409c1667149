// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/agent/nic_port.h"

#include <gmock/gmock.h>

#include "dpdk-app/agent/nic_port.h"
#include "tests/unit/agent/nic_network.h"
#include "traffic/protocol/congestion/dcqcn_settings.h"
#include "traffic/protocol/wire/roce_layout.h"

namespace railyard::lab {
namespace {

constexpr SimTime kMicrosecond = SimTime::microseconds(1), kMillisecond = SimTime::milliseconds(1);

void join_two(NicNetwork& network, std::string_view algorithm = "none") {
  for (uint32_t nic : {0u, 1u}) network.add(NicNetwork::config(nic, 1, algorithm));
  network.connect(0, 0, 1);
}

void set_ce(std::vector<uint8_t>& frame) {
  uint8_t* ip = frame.data() + ethernet::kHeader;
  ip[layout::kIpTos] |= ecn::kCe;
  store_be16(ip + layout::kIpChecksum, 0);
  store_be16(ip + layout::kIpChecksum, layout::internet_checksum(ip, layout::kIpHeader));
}

std::vector<uint8_t> pfc(uint8_t priority, uint16_t quanta) {
  PauseFrame pause;
  pause.enable_vector = static_cast<uint8_t>(1 << priority);
  pause.quanta[priority] = quanta;
  std::vector<uint8_t> frame(ethernet::kMinimumNoFcs);
  encode(pause, frame.data(), frame.size());
  return frame;
}

TEST(NicPort, FillsTheLink) {
  NicNetwork network;
  join_two(network);
  network.nics[0]->post(0, 1024 * 1000, {});
  network.run_until(kMillisecond * 20);
  ASSERT_EQ(network.received[0].size(), 1u);
  ASSERT_EQ(network.acked[0].size(), 1u);
  // 1000 packets of 1024 + 62 + 20 bytes, the first with a RETH, at 8 ns a byte, and the link's delay. What
  // arrives with a frame's last bit arrives when it is given away.
  const SimTime last_departure{(999ll * (1024 + 62 + 20) + 16) * 8'000};
  EXPECT_EQ(network.received[0][0], last_departure + NicNetwork::kDelay);
  const NicCounters& sent = network.nics[0]->counters();
  EXPECT_EQ(sent.tx_data_packets, 1000u);
  EXPECT_EQ(sent.acks_received, 1000u);
  EXPECT_EQ(network.nics[1]->counters().lost, 0u);
  EXPECT_EQ(network.nics[0]->measurements().rtt.total(), 1000u);
}

TEST(NicPort, TwoFlowsShareThePortInTurn) {
  NicNetwork network;
  for (uint32_t i = 0; i < 3; ++i) network.add(NicNetwork::config(i, 2));
  network.connect(0, 0, 1);
  network.connect(1, 0, 2);
  for (uint32_t flow : {0u, 1u}) network.nics[0]->post(flow, 1024 * 500, {});
  network.run_until(kMillisecond * 20);
  ASSERT_EQ(network.received.size(), 2u);
  EXPECT_NEAR(static_cast<double>(network.received[0][0].ps), static_cast<double>(network.received[1][0].ps),
              1.1 * (1024 + 82) * 8'000);
}

TEST(NicPort, ReactsToCongestionMarks) {
  NicNetwork network;
  join_two(network, "dcqcn");
  uint32_t marked = 0;
  network.meddler = [&](std::vector<uint8_t>& frame, const Packet& p, uint32_t) {
    if (p.kind == PacketKind::Data && network.now < kMillisecond * 2) set_ce(frame), ++marked;
    return true;
  };
  network.nics[0]->post(0, 1024 * 4000, {});
  network.run_until(kMillisecond * 2);
  const NicCounters& receiver = network.nics[1]->counters();
  EXPECT_GE(receiver.ce_seen, 10u);
  EXPECT_LE(receiver.ce_seen, marked);
  // At most one CNP in 50 us.
  EXPECT_LE(receiver.cnps_sent, 41u);
  EXPECT_GE(receiver.cnps_sent, 10u);
  EXPECT_EQ(network.nics[0]->counters().cnps_received, receiver.cnps_sent);
  const double slowed = network.nics[0]->rate_bps(0);
  EXPECT_LT(slowed, 0.2e9);
  const uint64_t before = network.nics[0]->counters().tx_data_packets;
  network.run_until(kMillisecond * 4);
  const double sent_bps =
      static_cast<double>(network.nics[0]->counters().tx_data_packets - before) * 1106 * 8 / 2e-3;
  EXPECT_GT(network.nics[0]->rate_bps(0), slowed);
  EXPECT_GT(sent_bps, slowed * 0.9);
  EXPECT_LT(sent_bps, network.nics[0]->rate_bps(0));
  EXPECT_EQ(network.nics[0]->measurements().lateness.maximum(), 0);
}

TEST(NicPort, RepairsLoss) {
  NicNetwork network;
  join_two(network);
  network.meddler = [n = 0](std::vector<uint8_t>&, const Packet& p, uint32_t) mutable {
    return p.kind != PacketKind::Data || ++n != 50;
  };
  network.nics[0]->post(0, 1024 * 100, {});
  network.run_until(kMillisecond * 50);
  ASSERT_EQ(network.received[0].size(), 1u);
  EXPECT_EQ(network.nics[1]->counters().lost, 1u);
  EXPECT_EQ(network.nics[1]->counters().naks_sent, 1u);
  EXPECT_EQ(network.nics[1]->counters().reordered, 0u);
  EXPECT_GE(network.nics[0]->retransmitted(), 1u);
  EXPECT_EQ(network.nics[0]->counters().timeouts, 0u);
}

TEST(NicPort, TimesOutWhenTheLastPacketIsLost) {
  NicNetwork network;
  join_two(network);
  network.meddler = [lost = false](std::vector<uint8_t>&, const Packet& p, uint32_t) mutable {
    const bool last = p.kind == PacketKind::Data && (p.flags & packet_flag::kLast) != 0;
    return !last || std::exchange(lost, true);
  };
  network.nics[0]->post(0, 1024 * 10, {});
  network.run_until(kMillisecond * 50);
  ASSERT_EQ(network.acked[0].size(), 1u);
  EXPECT_EQ(network.nics[0]->counters().timeouts, 1u);
  EXPECT_EQ(network.nics[0]->measurements().rtt.total(), 9u);  // the packet was sent twice
}

TEST(NicPort, TellsReorderingFromLoss) {
  NicNetwork network;
  join_two(network);
  std::vector<uint8_t> held;
  network.meddler = [&](std::vector<uint8_t>& frame, const Packet& p, uint32_t) {
    if (p.kind != PacketKind::Data || p.psn != 5 || !held.empty()) return true;
    held = frame;
    network.send_bytes(held, 1, network.now + kMicrosecond * 20);
    return false;
  };
  network.nics[0]->post(0, 1024 * 20, {});
  network.run_until(kMillisecond * 50);
  EXPECT_EQ(network.nics[1]->counters().reordered, 1u);
  EXPECT_EQ(network.nics[1]->counters().lost, 0u);
  EXPECT_EQ(network.received[0].size(), 1u);
}

TEST(NicPort, GivesAQueuePairUpAfterItsRetries) {
  NicNetwork network;
  join_two(network);
  network.meddler = [](std::vector<uint8_t>&, const Packet&, uint32_t) { return false; };
  network.nics[0]->post(0, 1024, {});
  network.run_until(kMillisecond * 100);
  EXPECT_EQ(network.failed, std::vector<uint32_t>{0});
  EXPECT_EQ(network.nics[0]->counters().tx_data_packets, 8u);  // retry_cnt = 7
}

TEST(NicPort, ObeysPauseByPriority) {
  NicNetwork network;
  join_two(network);
  network.nics[0]->post(0, 1024 * 1000, {});
  constexpr uint16_t kQuanta = 1000;  // 512 us at 1 Gb/s
  network.send_bytes(pfc(3, kQuanta), 0, kMillisecond);
  network.send_bytes(pfc(4, kQuanta), 0, kMillisecond * 3);  // not the data's
  network.run_until(kMillisecond * 20);
  SimTime longest;
  for (size_t i = 1; i < network.departures.size(); ++i)
    longest = std::max(longest, network.departures[i] - network.departures[i - 1]);
  EXPECT_GE(longest, kMicrosecond * 512);
  EXPECT_LE(longest, kMicrosecond * 522);
  const auto& pauses = network.nics[0]->measurements().pauses;
  ASSERT_EQ(pauses.size(), 2u);
  EXPECT_EQ(pauses[0].start, kMillisecond);
  EXPECT_EQ(pauses[0].end, kMillisecond + kMicrosecond * 512);
  EXPECT_EQ(network.nics[0]->counters().pauses[3], 1u);
  EXPECT_EQ(network.nics[0]->counters().pauses[4], 1u);
  // Standing paused is not lateness.
  EXPECT_EQ(network.nics[0]->measurements().lateness.maximum(), 0);
}

TEST(NicPort, APauseStopsOnlyTheFlowsOfItsQueue) {
  NicNetwork network;
  for (uint32_t nic : {0u, 1u}) network.add(NicNetwork::config(nic, 2));
  FlowClass other = network.nics[0]->config().flow_class;
  other.data_queue = 5;
  other.data_tos = 40 << 2 | ecn::kEct0;
  network.connect(0, 0, 1);
  network.connect(1, 0, 1, &other);
  std::array<uint32_t, 2> sent{};
  network.meddler = [&](std::vector<uint8_t>&, const Packet& p, uint32_t) {
    if (p.kind != PacketKind::Data) return true;
    ++sent[p.flow];
    EXPECT_EQ(p.tos, p.flow == 1 ? other.data_tos : network.nics[0]->config().flow_class.data_tos);
    return true;
  };
  network.send_bytes(pfc(3, 0xffff), 0, {});
  network.run_until(kMicrosecond);
  for (uint32_t flow : {0u, 1u}) network.nics[0]->post(flow, 1024 * 100, kMicrosecond);
  network.run_until(kMillisecond * 3);
  EXPECT_EQ(sent, (std::array<uint32_t, 2>{0, 100}));
  network.send_bytes(pfc(3, 0), 0, kMillisecond * 3);
  network.run_until(kMillisecond * 6);
  EXPECT_EQ(sent, (std::array<uint32_t, 2>{100, 100}));
}

TEST(NicPort, ResumesWhenToldTo) {
  NicNetwork network;
  join_two(network);
  network.nics[0]->post(0, 1024 * 1000, {});
  network.send_bytes(pfc(3, 65535), 0, kMillisecond);
  network.send_bytes(pfc(3, 0), 0, kMillisecond * 2);
  network.run_until(kMillisecond * 20);
  EXPECT_EQ(network.nics[0]->pause_state().total(network.now), kMillisecond);
  EXPECT_EQ(network.received[0].size(), 1u);
}

TEST(NicPort, LeavesPauseToHardwareThatObeysIt) {
  NicNetwork network;
  NicConfig config = NicNetwork::config(0, 1);
  config.obey_pfc = false;
  network.add(config);
  network.add(NicNetwork::config(1, 1));
  network.connect(0, 0, 1);
  network.nics[0]->post(0, 1024 * 1000, {});
  network.send_bytes(pfc(3, 65535), 0, kMillisecond);
  network.run_until(kMillisecond * 20);
  EXPECT_EQ(network.nics[0]->pause_state().count(), 0u);
  EXPECT_EQ(network.nics[0]->counters().pfc_frames, 1u);
}

TEST(NicPort, CatchesUpAfterAShortStall) {
  NicNetwork network;
  join_two(network);
  network.nics[0]->post(0, 1024 * 1000, {});
  network.stall_begin = kMillisecond;
  network.stall_end = kMillisecond + kMicrosecond * 100;  // 11 frames
  network.run_until(kMillisecond * 20);
  const SimTime last_departure{(999ll * (1024 + 62 + 20) + 16) * 8'000};
  EXPECT_EQ(network.received[0].at(0), last_departure + NicNetwork::kDelay);
  const Histogram& lateness = network.nics[0]->measurements().lateness;
  EXPECT_NEAR(static_cast<double>(lateness.maximum()), 100.0 * static_cast<double>(kMicrosecond.ps),
              9.0 * static_cast<double>(kMicrosecond.ps));
  EXPECT_EQ(lateness.percentile(50), 0);
  EXPECT_EQ(network.nics[0]->counters().debt_forgiven_ps, 0u);
}

// The frames that came during a stall are answered after it; data that was due meanwhile must not pay for
// that.
TEST(NicPort, CatchesUpWhenItAnswersToo) {
  constexpr SimTime kStall = kMicrosecond * 100;
  const auto last_received = [](SimTime begin, SimTime end) {
    NicNetwork network;
    for (uint32_t nic : {0u, 1u}) network.add(NicNetwork::config(nic, 2));
    network.connect(0, 0, 1);
    network.connect(1, 1, 0);
    for (uint32_t flow : {0u, 1u}) network.nics[flow]->post(flow, 1024 * 1000, {});
    network.stall_begin = begin;
    network.stall_end = end;
    network.run_until(kMillisecond * 20);
    return static_cast<double>(network.received[0].at(0).ps);
  };
  const double frame = (1024 + 82) * 8'000;
  const double undisturbed = last_received({}, {});
  // Somewhere in a frame's time one is on its way when the stall begins.
  for (SimTime begin = kMillisecond; begin < kMillisecond + kMicrosecond * 10; begin += kMicrosecond / 2)
    EXPECT_NEAR(last_received(begin, begin + kStall), undisturbed, 2 * frame) << begin.ps;
}

TEST(NicPort, ForgivesTheDebtOfALongStall) {
  NicNetwork network;
  NicConfig config = NicNetwork::config(0, 1);
  config.rules.ack_timeout = kMillisecond * 10;  // longer than the stall
  network.add(config);
  network.add(NicNetwork::config(1, 1));
  network.connect(0, 0, 1);
  network.nics[0]->post(0, 1024 * 1000, {});
  network.stall_begin = kMillisecond;
  network.stall_end = kMillisecond * 3;
  network.run_until(kMillisecond * 20);
  const auto forgiven = static_cast<int64_t>(network.nics[0]->counters().debt_forgiven_ps);
  const int64_t caught_up = network.nics[0]->config().maximum_debt.ps;
  EXPECT_NEAR(static_cast<double>(forgiven + caught_up), 2.0 * static_cast<double>(kMillisecond.ps),
              10.0 * static_cast<double>(kMicrosecond.ps));
  const SimTime last_departure{(999ll * (1024 + 62 + 20) + 16) * 8'000};
  EXPECT_EQ(network.received[0].at(0), last_departure + NicNetwork::kDelay + SimTime{forgiven});
  // What is forgiven is seen.
  EXPECT_NEAR(static_cast<double>(network.nics[0]->measurements().lateness.maximum()),
              2.0 * static_cast<double>(kMillisecond.ps), 10.0 * static_cast<double>(kMicrosecond.ps));
}

TEST(NicPort, APacedFlowKeepsItsRateThroughStalls) {
  NicNetwork network;
  CongestionSettings settings;
  auto& dcqcn = settings.get<DcqcnSettings>("dcqcn");
  dcqcn.rate_to_set_on_first_cnp = BitRate::megabits(100);
  dcqcn.rpg_time_reset = SimTime::seconds(1);  // stays there
  network.add(NicNetwork::config(0, 1, "dcqcn", settings));
  network.add(NicNetwork::config(1, 1, "dcqcn", settings));
  network.connect(0, 0, 1);
  network.meddler = [marked = false](std::vector<uint8_t>& frame, const Packet& p, uint32_t) mutable {
    if (p.kind == PacketKind::Data && !marked) set_ce(frame), marked = true;
    return true;
  };
  network.nics[0]->post(0, 1024 * 4000, {});
  network.run_until(kMillisecond);
  const uint64_t before = network.nics[0]->counters().tx_data_packets;
  network.stall_begin = kMillisecond * 2;
  network.stall_end = kMillisecond * 2 + kMicrosecond * 250;
  network.run_until(kMillisecond * 51);
  const double packets = static_cast<double>(network.nics[0]->counters().tx_data_packets - before);
  EXPECT_NEAR(packets, 50e-3 * 100e6 / (1106 * 8), 1.5);
}

TEST(NicPort, CountsWhatItCannotRead) {
  NicNetwork network;
  join_two(network);
  auto broken = [&](std::vector<uint8_t>& frame, const Packet& p, uint32_t) {
    if (p.kind == PacketKind::Data && p.psn == 3 && network.nics[1]->counters().decode_errors[11] == 0)
      frame[80] ^= 1;
    return true;
  };
  static_assert(static_cast<size_t>(DecodeError::BadIcrc) == 11);
  network.meddler = broken;
  network.nics[0]->post(0, 1024 * 10, {});
  network.send_bytes({1, 2, 3}, 1, {});
  network.run_until(kMillisecond * 20);
  const NicCounters& c = network.nics[1]->counters();
  EXPECT_EQ(c.decode_errors[static_cast<size_t>(DecodeError::BadIcrc)], 1u);
  EXPECT_EQ(c.decode_errors[static_cast<size_t>(DecodeError::Truncated)], 1u);
  EXPECT_EQ(network.received[0].size(), 1u);
}

TEST(NicPort, IgnoresFramesForOthers) {
  NicNetwork network;
  join_two(network);
  network.meddler = [&](std::vector<uint8_t>& frame, const Packet& p, uint32_t) {
    if (p.kind == PacketKind::Data) {
      std::vector<uint8_t> copy = frame;
      copy[5] = 99;
      network.send_bytes(copy, 1, network.now);
    }
    return true;
  };
  network.nics[0]->post(0, 1024 * 10, {});
  network.run_until(kMillisecond * 20);
  EXPECT_EQ(network.nics[1]->counters().other_destination, 10u);
  EXPECT_EQ(network.nics[1]->counters().duplicates, 0u);
}

// Every data frame is marked for two milliseconds; the rate then rises, at the end though nobody sends.
TEST(NicPort, SamplesWhatCongestionControlAllows) {
  NicNetwork network;
  NicConfig config = NicNetwork::config(0, 2, "dcqcn");
  config.sample_interval = kMillisecond;
  config.sampled_flows = {1};
  network.add(config);
  network.add(NicNetwork::config(1, 2, "dcqcn"));
  network.connect(0, 0, 1);
  network.connect(1, 0, 1);
  network.meddler = [&](std::vector<uint8_t>& frame, const Packet& p, uint32_t) {
    if (p.kind == PacketKind::Data && network.now < kMillisecond * 2) set_ce(frame);
    return true;
  };
  network.stall_begin = kMillisecond * 4 + SimTime{1};
  network.stall_end = kMillisecond * 7 + SimTime{1};
  network.nics[0]->start_sampling({});
  network.nics[0]->post(1, 1024 * 250, {});
  network.run_until(kMillisecond * 40);
  ASSERT_EQ(network.nics[0]->rates().size(), 1u);
  EXPECT_TRUE(network.nics[1]->rates().empty());
  const record::RateSamples& samples = network.nics[0]->rates().front();
  EXPECT_EQ(samples.queue_pair, 1u);
  EXPECT_EQ(samples.rate_bps.size(), 40u);  // a stall skips none
  EXPECT_LT(samples.rate_bps.front(), 500'000'000u);
  EXPECT_EQ(samples.rate_bps.back(), 1'000'000'000u);
  EXPECT_EQ(samples.window_bytes, std::vector<uint64_t>(40, kNoWindow));
}

TEST(NicPort, StopsDataNotAnswers) {
  NicNetwork network;
  join_two(network);
  network.nics[0]->post(0, 1024 * 1000, {});
  network.run_until(kMillisecond);
  network.nics[1]->stop();
  network.run_until(kMillisecond * 2);
  const uint64_t sent = network.nics[0]->counters().tx_data_packets;
  EXPECT_GT(network.nics[1]->counters().acks_sent, sent - 5);
  network.nics[0]->stop();
  network.run_until(kMillisecond * 20);
  EXPECT_EQ(network.nics[0]->counters().tx_data_packets, sent);
  EXPECT_EQ(network.nics[0]->next_due(), SimTime::never());
}

}  // namespace
}  // namespace railyard::lab
