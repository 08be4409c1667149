// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/protocol/transport/receive_queue.h"

#include <gtest/gtest.h>

#include <limits>

namespace railyard {
namespace {

constexpr int64_t kCnpInterval = SimTime::microseconds(50).ps;

Packet data(uint32_t psn, bool last = false, bool marked = false) {
  Packet p{};
  p.kind = PacketKind::Data;
  p.psn = psn;
  p.flags = last ? packet_flag::kLast : 0;
  p.tos = marked ? ecn::kCe : ecn::kEct0;
  return p;
}

ReceiveQueue::Verdict on(ReceiveQueue& queue, const Packet& p, uint32_t ack_every = 1, int64_t now = 0) {
  return queue.on_data(p, ack_every, kCnpInterval, now);
}

TEST(ReceiveQueue, AcknowledgesEachPacketAndTellsOfTheLast) {
  ReceiveQueue queue;
  EXPECT_TRUE(on(queue, data(0)).ack);
  const ReceiveQueue::Verdict last = on(queue, data(1, true));
  EXPECT_TRUE(last.ack);
  EXPECT_TRUE(last.message_complete);
  EXPECT_EQ(queue.expected_psn, 2u);
}

TEST(ReceiveQueue, CoalescesAcknowledgements) {
  ReceiveQueue queue;
  std::vector<uint32_t> acked;
  for (uint32_t psn = 0; psn < 10; ++psn) {
    if (on(queue, data(psn, psn == 5), 4).ack) acked.push_back(psn);
  }
  EXPECT_EQ(acked, (std::vector<uint32_t>{3, 5, 9}));  // every fourth, and the last of a message
}

TEST(ReceiveQueue, NamesAGapOnce) {
  ReceiveQueue queue;
  on(queue, data(0));
  EXPECT_TRUE(on(queue, data(2)).nak);
  EXPECT_EQ(queue.expected_psn, 1u);
  for (uint32_t psn : {3u, 4u, 2u}) {
    const ReceiveQueue::Verdict v = on(queue, data(psn));
    EXPECT_FALSE(v.nak || v.ack || v.message_complete) << psn;
  }
  EXPECT_TRUE(on(queue, data(1)).ack);
  EXPECT_TRUE(on(queue, data(5)).nak);  // the next gap
  EXPECT_EQ(queue.expected_psn, 2u);
}

TEST(ReceiveQueue, AnOutOfOrderLastPacketCompletesNothing) {
  ReceiveQueue queue;
  EXPECT_FALSE(on(queue, data(1, true)).message_complete);
  EXPECT_FALSE(on(queue, data(0)).message_complete);
  EXPECT_TRUE(on(queue, data(1, true)).message_complete);
  EXPECT_FALSE(on(queue, data(1, true)).message_complete);  // and once only
}

TEST(ReceiveQueue, AcknowledgesADuplicateAtOnce) {
  ReceiveQueue queue;
  for (uint32_t psn = 0; psn < 3; ++psn) on(queue, data(psn), 100);
  const ReceiveQueue::Verdict v = on(queue, data(0), 100);
  EXPECT_TRUE(v.ack);
  EXPECT_FALSE(v.nak || v.message_complete);
  EXPECT_EQ(queue.expected_psn, 3u);
}

TEST(ReceiveQueue, PacketNumbersWrap) {
  ReceiveQueue queue;
  queue.expected_psn = 0xffffffff;
  EXPECT_TRUE(on(queue, data(0)).nak);
  EXPECT_TRUE(on(queue, data(0xffffffff)).ack);
  EXPECT_EQ(queue.expected_psn, 0u);
  EXPECT_TRUE(on(queue, data(0xffffffff)).ack);  // now a duplicate
  EXPECT_TRUE(on(queue, data(0)).ack);
  EXPECT_EQ(queue.expected_psn, 1u);
}

TEST(ReceiveQueue, SendsAtMostOneCnpInTheInterval) {
  ReceiveQueue queue;
  EXPECT_FALSE(on(queue, data(0)).cnp);
  EXPECT_TRUE(on(queue, data(1, false, true), 1, 100).cnp);
  EXPECT_FALSE(on(queue, data(2, false, true), 1, 100 + kCnpInterval - 1).cnp);
  EXPECT_TRUE(on(queue, data(3, false, true), 1, 100 + kCnpInterval).cnp);
  EXPECT_TRUE(on(queue, data(9, false, true), 1, 100 + 2 * kCnpInterval).cnp);  // out of order, yet marked
}

TEST(ReceiveQueue, AnEndlessIntervalMeansNoCnp) {
  ReceiveQueue queue;
  constexpr int64_t kNever = std::numeric_limits<int64_t>::max();
  EXPECT_FALSE(queue.on_data(data(0, false, true), 1, kNever, 0).cnp);
  EXPECT_FALSE(queue.on_data(data(1, false, true), 1, kNever, SimTime::seconds(3'600).ps).cnp);
}

}  // namespace
}  // namespace railyard
