// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/protocol/transport/nic.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "traffic/parameter/parameter.h"
#include "traffic/protocol/congestion/algorithm_row.h"

namespace railyard {
namespace {

constexpr uint32_t kMtu = 1'000;
constexpr SimTime kTimeout = SimTime::microseconds(100);
constexpr int64_t kPsPerByte = 80;

// A window that the test sets, and all that it was told.
struct Probe {
  struct Settings {
    uint64_t window = kNoWindow;
    SimTime widens = SimTime::never();  // by a packet
    mutable std::vector<SimTime> starts;
    mutable std::vector<AckSample> acks;
    mutable std::vector<CongestionSignal> signals;
  };
  struct Sender {
    double line = 0;
  };
  static constexpr bool kEchoesMarks = true;
  static Allowance start(Sender& s, const Settings& p, const SenderContext& context, SimTime now) {
    p.starts.push_back(now);
    s.line = static_cast<double>(context.line.bps);
    return {s.line, p.window, p.widens};
  }
  static void acked(Sender&, const Settings& p, const AckSample& sample, SimTime, Allowance& a) {
    p.acks.push_back(sample);
    a.window_bytes = p.window;
  }
  static void signalled(Sender&, const Settings& p, CongestionSignal signal, SimTime, Allowance&) {
    p.signals.push_back(signal);
  }
  static void advance(Sender&, const Settings&, SimTime now, Allowance& a) {
    if (now < a.deadline) return;
    a.window_bytes += kMtu;
    a.deadline = SimTime::never();
  }

  // Answers every packet a microsecond later.
  struct Receiver {
    struct QueuePair {};
    struct Peer {};
    struct Port {};
    static constexpr bool kMarkedOnly = false;
    static ReceiverScope scope(const Settings&) { return ReceiverScope::QueuePair; }
    static ReceiverReaction arrived(QueuePair&, Peer&, Port&, const Settings&, const ArrivalSample& sample,
                                    SimTime now) {
      return {false, sample.queue_pair, now + SimTime::microseconds(1)};
    }
    static ReceiverReaction timer(QueuePair&, Peer&, Port&, const Settings&, uint32_t, SimTime) {
      return {true};
    }
    static bool idle(const QueuePair&, SimTime) { return true; }
  };
};

const std::vector<Parameter<Probe::Settings>>& parameters_of(const Probe::Settings*) {
  static const std::vector<Parameter<Probe::Settings>> none;
  return none;
}

// A NIC whose answers and transmissions are noted.
struct FakeNic {
  static constexpr bool kMeasuresRtt = false;
  static SimTime arrived(SimTime now) { return now; }

  explicit FakeNic(uint32_t flows) : senders(flows), receivers(flows) {
    for (uint32_t flow = 0; flow < flows; ++flow) {
      FlowClass of;
      of.data_queue = static_cast<uint8_t>(flow);
      of.algorithm = &row;
      of.settings = &settings;
      senders[flow].queue.flow = flow;
      senders[flow].lay_out(of, states, BitRate::gigabits(100));
      receivers[flow].control.start(row, &settings, 0, receiver_states);
    }
  }

  const NicRules& rules() const { return nic_rules; }
  Turn& turn() { return the_turn; }
  SendingQueuePair& sender(uint32_t flow) { return senders[flow]; }
  ReceivingQueuePair& receiver(uint32_t flow) { return receivers[flow]; }
  uint32_t paused_queues() const { return paused; }
  uint32_t answering_queues() const { return answers.empty() ? 0 : 1u << 7; }
  SimTime busy_until() const { return busy; }
  SimTime resumed_at(uint32_t) const { return {}; }
  template <class DataDue>
  bool answer_goes_first(uint32_t, DataDue) const {
    return true;
  }
  void send_answer(uint32_t, SimTime) {
    sent.push_back({answers.front().kind, answers.front().psn});
    answers.erase(answers.begin());
  }
  Packet& next_packet(SendingQueuePair&) { return packet; }
  Transmission transmit(SendingQueuePair&, Packet& p, SimTime now) {
    sent.push_back({p.kind, p.psn});
    busy = now + serialisation_time(p.frame_bytes, kPsPerByte);
    return {now, busy};
  }
  void answer(ReceivingQueuePair&, uint32_t flow, PacketKind kind, uint32_t psn, uint8_t flags, SimTime) {
    answers.push_back({kind, flow, psn, flags});
  }
  void arm(NicTimer what, uint32_t flow, SimTime at) { timers.emplace(at.ps, std::pair(what, flow)); }
  void kick(SimTime) {}
  void message_received(uint32_t, SimTime) {}
  void message_acked(uint32_t, SimTime) { heard_before_message.push_back(settings.acks.size()); }
  void queue_pair_failed(uint32_t, SimTime) { ++failed; }
  void timed_out() { ++timeouts; }
  void rtt_measured(SimTime) {}

  // Timers and frames until then.
  void run_until(SimTime end) {
    while (true) {
      const uint32_t sendable = sendable_queues(answering_queues(), the_turn, paused);
      int64_t next = sendable != 0 ? std::max(busy, now).ps : SimTime::never().ps;
      if (!timers.empty()) next = std::min(next, timers.begin()->first);
      if (next > end.ps) break;
      now = SimTime{next};
      if (busy <= now && send_next(*this, now)) continue;
      const auto [at, what] = *timers.begin();
      timers.erase(timers.begin());
      on_nic_timer(*this, what.first, what.second, SimTime{at}, now);
    }
    now = end;
  }
  uint64_t data_sent() const {
    return static_cast<uint64_t>(
        std::count_if(sent.begin(), sent.end(), [](const auto& s) { return s.first == PacketKind::Data; }));
  }

  struct Answer {
    PacketKind kind;
    uint32_t flow, psn;
    uint8_t flags;
  };
  const CongestionAlgorithm row = algorithm_row<Probe>("probe", "");
  Probe::Settings settings;
  StateArena states;
  ReceiverStates receiver_states;
  std::vector<SendingQueuePair> senders;
  std::vector<ReceivingQueuePair> receivers;
  NicRules nic_rules{kMtu, 1, 2, kTimeout, {}, {}};
  Turn the_turn;
  uint32_t paused = 0;
  Packet packet;
  SimTime busy, now;
  std::vector<Answer> answers;
  std::vector<std::pair<PacketKind, uint32_t>> sent;
  std::multimap<int64_t, std::pair<NicTimer, uint32_t>> timers;
  std::vector<size_t> heard_before_message;  // acknowledgements that the algorithm had heard of
  uint32_t failed = 0, timeouts = 0;
};

constexpr SimTime us(int64_t n) {
  return SimTime::microseconds(n);
}

TEST(Nic, AWindowHoldsAQueuePairUntilAnAcknowledgementMakesRoom) {
  FakeNic nic(1);
  nic.settings.window = 3 * kMtu;
  receive_ack(nic, nic.senders[0], 0, 0, us(0));  // nothing was sent: it is ignored
  EXPECT_TRUE(nic.settings.acks.empty());
  post_message(nic, nic.senders[0], 10 * kMtu, us(0));
  nic.run_until(us(5));
  EXPECT_EQ(nic.data_sent(), 3u);
  receive_ack(nic, nic.senders[0], 1, 0, us(5));
  nic.run_until(us(10));
  EXPECT_EQ(nic.data_sent(), 5u);
  ASSERT_EQ(nic.settings.acks.size(), 1u);
  EXPECT_EQ(nic.settings.acks[0].bytes, 2 * kMtu);
  const SimTime sent = serialisation_time(wire::data_frame_bytes(kMtu, true), kPsPerByte);
  EXPECT_EQ(nic.settings.acks[0].rtt, us(5) - sent);  // of the second packet, which it answers
}

TEST(Nic, ThePacketThatFillsAWindowAsksForAnAcknowledgement) {
  FakeNic nic(1);
  nic.nic_rules.ack_every = 64;
  nic.settings.window = 3 * kMtu;
  post_message(nic, nic.senders[0], 10 * kMtu, us(0));
  for (uint32_t sent = 1; sent <= 3; ++sent) {
    send_next(nic, nic.busy);
    receive_data(nic, nic.receivers[0], nic.packet, nic.busy);
  }
  ASSERT_EQ(nic.answers.size(), 1u);
  EXPECT_EQ(nic.answers[0].kind, PacketKind::Ack);
  EXPECT_EQ(nic.answers[0].psn, 2u);
}

TEST(Nic, OnePacketMayAlwaysGo) {
  FakeNic nic(1);
  nic.settings.window = 1;
  post_message(nic, nic.senders[0], 3 * kMtu, us(0));
  for (uint32_t psn = 0; psn < 3; ++psn) {
    nic.run_until(us(10 * psn + 5));
    EXPECT_EQ(nic.data_sent(), psn + 1);
    receive_ack(nic, nic.senders[0], psn, 0, us(10 * psn + 5));
  }
  EXPECT_EQ(nic.settings.acks.size(), 3u);
}

TEST(Nic, APacketThatWasSentTwiceGivesNoRoundTripTime) {
  FakeNic nic(1);
  post_message(nic, nic.senders[0], 2 * kMtu, us(0));
  nic.run_until(us(5));
  receive_nak(nic, nic.senders[0], 0, 0, us(5));
  nic.run_until(us(9));
  receive_ack(nic, nic.senders[0], 1, 0, us(9));
  ASSERT_EQ(nic.settings.acks.size(), 1u);
  EXPECT_EQ(nic.settings.acks[0].bytes, 2 * kMtu);
  EXPECT_EQ(nic.settings.acks[0].rtt, SimTime{});
  EXPECT_EQ(nic.settings.signals, (std::vector<CongestionSignal>{CongestionSignal::Nak}));
}

TEST(Nic, GivesUpAfterItsTriesAndTellsTheAlgorithmOfEach) {
  FakeNic nic(1);
  post_message(nic, nic.senders[0], kMtu, us(0));
  nic.run_until(us(2'000));
  EXPECT_EQ(nic.timeouts, 3u);
  EXPECT_EQ(nic.failed, 1u);
  EXPECT_EQ(nic.data_sent(), 3u);
  EXPECT_EQ(nic.settings.signals, std::vector<CongestionSignal>(3, CongestionSignal::Timeout));
  EXPECT_TRUE(nic.timers.empty());
}

TEST(Nic, SaysOnceThatAQueuePairFailedHoweverManyNaksFollow) {
  FakeNic nic(1);
  post_message(nic, nic.senders[0], kMtu, us(0));
  nic.run_until(us(2'000));
  receive_nak(nic, nic.senders[0], 0, 0, us(2'001));
  receive_nak(nic, nic.senders[0], 0, 0, us(2'002));
  EXPECT_EQ(nic.failed, 1u);
  EXPECT_EQ(nic.data_sent(), 3u);
}

TEST(Nic, APauseStopsItsQueueAndNoOther) {
  FakeNic nic(2);
  nic.paused = 1u << 1;
  for (uint32_t flow : {0u, 1u}) post_message(nic, nic.senders[flow], 2 * kMtu, us(0));
  nic.run_until(us(5));
  EXPECT_EQ(nic.senders[0].queue.next_psn, 2u);
  EXPECT_EQ(nic.senders[1].queue.next_psn, 0u);
  nic.paused = 0;
  nic.run_until(us(10));
  EXPECT_EQ(nic.senders[1].queue.next_psn, 2u);
}

TEST(Nic, AnAnswerGoesBeforeDataAndANotificationWhenTheReceiverSaysSo) {
  FakeNic nic(1);
  post_message(nic, nic.senders[0], 3 * kMtu, us(0));
  Packet data{};
  data.frame_bytes = 1'062;
  receive_data(nic, nic.receivers[0], data, us(0));
  nic.run_until(us(0));
  nic.run_until(us(5));
  ASSERT_EQ(nic.sent.size(), 5u);
  EXPECT_EQ(nic.sent[0].first, PacketKind::Ack);
  EXPECT_EQ(std::count_if(nic.sent.begin(), nic.sent.end(),
                          [](const auto& s) { return s.first == PacketKind::Cnp; }),
            1);
}

TEST(Nic, WhatIsClosedSendsNothingEvenAfterANak) {
  FakeNic nic(1);
  post_message(nic, nic.senders[0], 5 * kMtu, us(0));
  nic.run_until(us(0));
  close(nic.senders[0]);
  receive_nak(nic, nic.senders[0], 0, 0, us(1));
  nic.run_until(us(500));
  EXPECT_EQ(nic.data_sent(), 1u);
  EXPECT_EQ(nic.failed, 0u);
}

TEST(Nic, AnAlgorithmStartsWithTheFirstMessage) {
  FakeNic nic(1);
  receive_cnp(nic.senders[0], us(1));  // for nothing
  EXPECT_EQ(nic.senders[0].rate.rate_bps(), 100e9);
  for (const int64_t at : {7, 8}) post_message(nic, nic.senders[0], kMtu, us(at));
  receive_cnp(nic.senders[0], us(9));
  EXPECT_EQ(nic.settings.starts, std::vector<SimTime>{us(7)});
  EXPECT_EQ(nic.settings.signals, std::vector<CongestionSignal>{CongestionSignal::Cnp});
  EXPECT_EQ(nic.senders[0].rate.rate_bps(), 100e9);
}

TEST(Nic, AnAlgorithmHearsOfWhatANakAcknowledges) {
  FakeNic nic(1);
  post_message(nic, nic.senders[0], 5 * kMtu, us(0));
  nic.run_until(us(5));
  receive_nak(nic, nic.senders[0], 3, packet_flag::kEcnEcho, us(6));
  ASSERT_EQ(nic.settings.acks.size(), 1u);
  EXPECT_EQ(nic.settings.acks[0].bytes, 3 * kMtu);
  EXPECT_EQ(nic.settings.acks[0].rtt, SimTime{});
  EXPECT_TRUE(nic.settings.acks[0].marked);
  receive_nak(nic, nic.senders[0], 3, 0, us(7));  // says nothing new
  EXPECT_EQ(nic.settings.acks.size(), 1u);
}

TEST(Nic, AnAlgorithmHearsOfAnAcknowledgementBeforeTheMessagesOwnerDoes) {
  FakeNic nic(1);
  for (int i = 0; i < 3; ++i) post_message(nic, nic.senders[0], kMtu, us(0));
  nic.run_until(us(5));
  receive_ack(nic, nic.senders[0], 0, 0, us(5));
  receive_nak(nic, nic.senders[0], 2, 0, us(6));
  EXPECT_EQ(nic.heard_before_message, (std::vector<size_t>{1, 2}));
}

TEST(Nic, AWindowThatTimeWidensLetsGoWhatItHeldBack) {
  FakeNic nic(1);
  nic.settings.window = 2 * kMtu;
  nic.settings.widens = us(20);
  post_message(nic, nic.senders[0], 10 * kMtu, us(0));
  nic.run_until(us(19));
  EXPECT_EQ(nic.data_sent(), 2u);
  nic.run_until(us(25));
  EXPECT_EQ(nic.data_sent(), 3u);
}

TEST(Nic, ATimerOfAWindowThatHasOpenedDoesNothing) {
  FakeNic nic(1);
  nic.settings.window = kMtu;
  nic.settings.widens = us(20);
  post_message(nic, nic.senders[0], 2 * kMtu, us(0));
  nic.run_until(us(5));
  receive_ack(nic, nic.senders[0], 0, 0, us(5));
  receive_ack(nic, nic.senders[0], 0, 0, us(6));
  nic.run_until(us(50));
  EXPECT_EQ(nic.data_sent(), 2u);
  EXPECT_EQ(nic.senders[0].schedule, SendingQueuePair::Schedule::Idle);
}

TEST(Nic, TheNextAnswerEchoesAMark) {
  FakeNic nic(1);
  nic.nic_rules.ack_every = 2;
  Packet data{};
  data.frame_bytes = 1'062;
  const auto arrive = [&](uint32_t psn, uint8_t tos) {
    data.psn = psn;
    data.tos = tos;
    receive_data(nic, nic.receivers[0], data, us(psn));
  };
  arrive(0, ecn::kCe);
  arrive(1, ecn::kEct0);
  arrive(2, ecn::kEct0);
  arrive(3, ecn::kEct0);
  arrive(5, ecn::kCe);
  ASSERT_EQ(nic.answers.size(), 3u);
  EXPECT_EQ(nic.answers[0].flags, packet_flag::kEcnEcho);
  EXPECT_EQ(nic.answers[1].flags, 0);
  EXPECT_EQ(nic.answers[2].kind, PacketKind::Nak);
  EXPECT_EQ(nic.answers[2].flags, packet_flag::kEcnEcho);
}

}  // namespace
}  // namespace railyard
