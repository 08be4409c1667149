// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/protocol/transport/receive_queue.h"

#include <gtest/gtest.h>

namespace railyard {
namespace {

Packet data(uint32_t psn, bool last = false) {
  Packet p{};
  p.kind = PacketKind::Data;
  p.psn = psn;
  p.flags = last ? packet_flag::kLast : 0;
  return p;
}

ReceiveQueue::Verdict on(ReceiveQueue& queue, const Packet& p, uint32_t ack_every = 1) {
  return queue.on_data(p, ack_every);
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

TEST(ReceiveQueue, AcknowledgesWhatAsksForIt) {
  ReceiveQueue queue;
  Packet asking = data(1);
  asking.flags = packet_flag::kAckRequest;
  EXPECT_FALSE(on(queue, data(0), 4).ack);
  EXPECT_TRUE(on(queue, asking, 4).ack);
  for (uint32_t psn = 2; psn < 5; ++psn) EXPECT_FALSE(on(queue, data(psn), 4).ack) << psn;
  EXPECT_TRUE(on(queue, data(5), 4).ack);  // the fourth since
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

}  // namespace
}  // namespace railyard
