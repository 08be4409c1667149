// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/protocol/transport/send_queue.h"

#include <gtest/gtest.h>

#include <vector>

namespace railyard {
namespace {

constexpr uint32_t kMtu = 1'024;
constexpr uint8_t kTos = 26 << 2 | ecn::kEct0;

Packet take(SendQueue& queue, int64_t now = 0) {
  Packet p;
  queue.take_packet(p, kMtu, kTos, SimTime{now});
  return p;
}

std::vector<Packet> take_all(SendQueue& queue, int64_t now = 0) {
  std::vector<Packet> packets;
  while (queue.has_packet()) packets.push_back(take(queue, now));
  return packets;
}

uint32_t ack(SendQueue& queue, uint32_t psn, int64_t now = 0) {
  return queue.on_ack(psn, SimTime{now});
}

uint32_t nak(SendQueue& queue, uint32_t psn, int64_t now = 0) {
  const uint32_t completed = queue.on_ack(psn - 1, SimTime{now});
  queue.on_nak(psn);
  return completed;
}

std::vector<uint32_t> psns(const std::vector<Packet>& packets) {
  std::vector<uint32_t> out;
  for (const Packet& p : packets) out.push_back(p.psn);
  return out;
}

constexpr uint8_t kFirst = packet_flag::kFirst;
constexpr uint8_t kLast = packet_flag::kLast | packet_flag::kAckRequest;

TEST(SendQueue, CutsAMessageIntoPacketsOfTheMtu) {
  SendQueue queue;
  queue.flow = 7;
  queue.dst = 9;
  queue.entropy = 0xabcd;
  queue.post(2 * kMtu + 100, kMtu);
  const std::vector<Packet> packets = take_all(queue);
  ASSERT_EQ(packets.size(), 3u);
  EXPECT_EQ(psns(packets), (std::vector<uint32_t>{0, 1, 2}));
  // 62 bytes of headers, ICRC and FCS; the RETH of the first packet takes 16.
  EXPECT_EQ(packets[0].frame_bytes, kMtu + 62 + 16);
  EXPECT_EQ(packets[1].frame_bytes, kMtu + 62);
  EXPECT_EQ(packets[2].frame_bytes, 100 + 62);
  EXPECT_EQ(packets[0].flags, kFirst);
  EXPECT_EQ(packets[1].flags, 0);
  EXPECT_EQ(packets[2].flags, kLast);
  for (const Packet& p : packets) {
    EXPECT_EQ(p.kind, PacketKind::Data);
    EXPECT_EQ(p.flow, 7u);
    EXPECT_EQ(p.dst, 9u);
    EXPECT_EQ(p.entropy, 0xabcdu);
    EXPECT_EQ(p.tos, kTos);
  }
}

TEST(SendQueue, AMessageOfAWholeNumberOfPacketsHasNoEmptyOne) {
  for (uint32_t n : {1u, 2u, 5u}) {
    SendQueue queue;
    queue.post(uint64_t{n} * kMtu, kMtu);
    const std::vector<Packet> packets = take_all(queue);
    ASSERT_EQ(packets.size(), n);
    EXPECT_EQ(packets.back().frame_bytes, kMtu + 62 + (n == 1 ? 16 : 0));
    EXPECT_EQ(packets.back().flags, kLast | (n == 1 ? kFirst : 0));
  }
}

TEST(SendQueue, PayloadIsPaddedToFourBytes) {
  for (uint32_t bytes = 1; bytes <= 9; ++bytes) {
    SendQueue queue;
    queue.post(kMtu + bytes, kMtu);
    EXPECT_EQ(take_all(queue).back().frame_bytes, 62 + (bytes + 3) / 4 * 4) << bytes;
  }
}

TEST(SendQueue, AMessageOfNoBytesIsOneEmptyPacket) {
  SendQueue queue;
  queue.post(0, kMtu);
  ASSERT_TRUE(queue.has_packet());
  const Packet p = take(queue);
  EXPECT_EQ(p.frame_bytes, 62 + 16);
  EXPECT_EQ(p.flags, kFirst | kLast);
  EXPECT_FALSE(queue.has_packet());
  EXPECT_EQ(ack(queue, 0), 1u);
}

TEST(SendQueue, MessagesFollowEachOtherWithoutAGap) {
  SendQueue queue;
  queue.post(2 * kMtu, kMtu);
  queue.post(1, kMtu);
  take(queue);
  queue.post(3 * kMtu, kMtu);  // while the first is being sent
  const std::vector<Packet> rest = take_all(queue);
  EXPECT_EQ(psns(rest), (std::vector<uint32_t>{1, 2, 3, 4, 5}));
  EXPECT_EQ(rest[0].flags, kLast);
  EXPECT_EQ(rest[1].flags, kFirst | kLast);
  EXPECT_EQ(rest[2].flags, kFirst);
  EXPECT_EQ(rest[4].flags, kLast);
  queue.post(kMtu, kMtu);  // after everything was sent, before it is acknowledged
  EXPECT_EQ(psns(take_all(queue)), (std::vector<uint32_t>{6}));
}

TEST(SendQueue, AcknowledgementsAreCumulative) {
  SendQueue queue;
  for (int i = 0; i < 3; ++i) queue.post(2 * kMtu, kMtu);
  take_all(queue);
  EXPECT_EQ(ack(queue, 0), 0u);  // half of the first
  EXPECT_EQ(queue.una_psn, 1u);
  EXPECT_EQ(ack(queue, 4), 2u);  // the rest, the second, and half of the third
  EXPECT_TRUE(queue.in_flight());
  EXPECT_EQ(ack(queue, 5), 1u);
  EXPECT_FALSE(queue.in_flight());
  EXPECT_TRUE(queue.messages.empty());
}

TEST(SendQueue, OldAndForeignAcknowledgementsAreIgnored) {
  SendQueue queue;
  queue.post(4 * kMtu, kMtu);
  take_all(queue, 10);
  EXPECT_EQ(ack(queue, 1, 20), 0u);
  EXPECT_EQ(ack(queue, 1, 30), 0u);
  EXPECT_EQ(ack(queue, 0, 30), 0u);
  EXPECT_EQ(queue.progress_at.ps, 20);  // no progress since
  EXPECT_EQ(ack(queue, 4, 40), 0u);     // one past the last packet
  EXPECT_EQ(ack(queue, 0x80000000u, 40), 0u);
  EXPECT_EQ(queue.una_psn, 2u);
  EXPECT_EQ(ack(queue, 3, 50), 1u);
}

TEST(SendQueue, WhatWasNotSentCannotBeAcknowledged) {
  SendQueue queue;
  queue.post(4 * kMtu, kMtu);
  take(queue);
  take(queue);
  EXPECT_EQ(ack(queue, 3), 0u);
  EXPECT_EQ(nak(queue, 3), 0u);
  EXPECT_EQ(queue.una_psn, 0u);
  nak(queue, 1);  // what was sent before going back may be acknowledged still
  EXPECT_EQ(ack(queue, 2), 0u);
  EXPECT_EQ(queue.una_psn, 1u);
  EXPECT_EQ(ack(queue, 1), 0u);
  EXPECT_EQ(queue.una_psn, 2u);
  EXPECT_EQ(psns(take_all(queue)), (std::vector<uint32_t>{2, 3}));
}

TEST(SendQueue, ANakAcknowledgesWhatIsBeforeAndGoesBack) {
  SendQueue queue;
  queue.post(2 * kMtu, kMtu);
  queue.post(3 * kMtu + 5, kMtu);
  take_all(queue);
  EXPECT_EQ(nak(queue, 3, 100), 1u);
  EXPECT_EQ(queue.retries, 1u);
  const std::vector<Packet> again = take_all(queue, 110);
  EXPECT_EQ(psns(again), (std::vector<uint32_t>{3, 4, 5}));
  EXPECT_EQ(again[0].flags, 0);  // in the middle of the second message
  EXPECT_EQ(again[0].frame_bytes, kMtu + 62);
  EXPECT_EQ(again[2].flags, kLast);
  EXPECT_EQ(again[2].frame_bytes, 8 + 62);
  EXPECT_EQ(queue.retransmitted, 3u);
  EXPECT_EQ(ack(queue, 5), 1u);
  EXPECT_EQ(queue.retries, 0u);
}

TEST(SendQueue, GoingBackCrossesMessages) {
  SendQueue queue;
  queue.post(2 * kMtu, kMtu);
  queue.post(kMtu, kMtu);
  queue.post(0, kMtu);
  const std::vector<Packet> once = take_all(queue);
  queue.go_back();
  const std::vector<Packet> twice = take_all(queue);
  ASSERT_EQ(psns(once), psns(twice));
  for (size_t i = 0; i < once.size(); ++i) {
    EXPECT_EQ(once[i].flags, twice[i].flags);
    EXPECT_EQ(once[i].frame_bytes, twice[i].frame_bytes);
  }
  EXPECT_EQ(ack(queue, 3), 3u);
}

TEST(SendQueue, AStaleNakIsIgnored) {
  SendQueue queue;
  queue.post(6 * kMtu, kMtu);
  take_all(queue);
  ack(queue, 3);
  EXPECT_EQ(nak(queue, 2), 0u);
  EXPECT_FALSE(queue.has_packet());
  EXPECT_EQ(queue.retries, 0u);
  EXPECT_EQ(nak(queue, 9), 0u);  // beyond what was posted
  EXPECT_FALSE(queue.has_packet());
}

TEST(SendQueue, AnAcknowledgementBeyondWhatWasSentAgainSkipsIt) {
  SendQueue queue;
  queue.post(4 * kMtu, kMtu);
  queue.post(4 * kMtu, kMtu);
  take_all(queue);
  queue.go_back();  // a time-out, though the packets had arrived
  take(queue);
  EXPECT_EQ(ack(queue, 5), 1u);
  EXPECT_EQ(psns(take_all(queue)), (std::vector<uint32_t>{6, 7}));
  EXPECT_EQ(queue.retransmitted, 3u);  // PSN 0, 6 and 7: 1 to 5 were not sent again
  EXPECT_EQ(ack(queue, 7), 1u);
}

TEST(SendQueue, CountsPayloadThatIsNotAcknowledged) {
  SendQueue queue;
  queue.post(2 * kMtu + 10, kMtu);
  queue.post(0, kMtu);
  queue.post(kMtu + 1, kMtu);
  EXPECT_EQ(queue.next_payload(kMtu), kMtu);
  EXPECT_EQ(queue.unacknowledged_bytes(kMtu), 0u);
  take(queue), take(queue);
  EXPECT_EQ(queue.next_payload(kMtu), 10u);
  EXPECT_EQ(queue.unacknowledged_bytes(kMtu), 2 * kMtu);
  take_all(queue);
  EXPECT_EQ(queue.unacknowledged_bytes(kMtu), 3 * kMtu + 11);
  ack(queue, 1);
  EXPECT_EQ(queue.acknowledged_bytes(kMtu), 2 * kMtu);
  EXPECT_EQ(queue.unacknowledged_bytes(kMtu), kMtu + 11);
  nak(queue, 4);
  EXPECT_EQ(queue.acknowledged_bytes(kMtu), 2 * kMtu + 10);
  EXPECT_EQ(queue.unacknowledged_bytes(kMtu), 0u);
  take_all(queue);
  EXPECT_EQ(queue.unacknowledged_bytes(kMtu), kMtu + 1);
  ack(queue, 5);
  EXPECT_EQ(queue.acknowledged_bytes(kMtu), 3 * kMtu + 11);
  EXPECT_EQ(queue.unacknowledged_bytes(kMtu), 0u);
}

TEST(SendQueue, TellsWhetherANakMovedItBack) {
  SendQueue queue;
  queue.post(4 * kMtu, kMtu);
  take_all(queue);
  ack(queue, 0);
  EXPECT_TRUE(queue.on_nak(1));
  EXPECT_FALSE(queue.on_nak(1));  // nothing was sent since
}

TEST(SendQueue, AnAcknowledgementOfAllEndsGoingBack) {
  SendQueue queue;
  queue.post(4 * kMtu, kMtu);
  take_all(queue);
  queue.go_back();
  EXPECT_EQ(ack(queue, 3), 1u);
  EXPECT_FALSE(queue.has_packet());
  EXPECT_FALSE(queue.in_flight());
  EXPECT_EQ(queue.retransmitted, 0u);
  queue.post(kMtu, kMtu);
  EXPECT_EQ(psns(take_all(queue)), (std::vector<uint32_t>{4}));
}

TEST(SendQueue, HoldsManyMessages) {
  constexpr uint32_t kMessages = 1'000;
  SendQueue queue;
  uint32_t completed = 0;
  for (uint32_t round = 0; round < 3; ++round) {
    for (uint32_t i = 0; i < kMessages; ++i) queue.post(kMtu + i, kMtu);
    take_all(queue);
    completed += ack(queue, queue.next_psn - 1);
  }
  EXPECT_EQ(completed, 3 * kMessages);
  EXPECT_EQ(queue.next_psn, 3 * (2 * kMessages - 1));  // message 0 of each round fits one packet
}

TEST(SendQueue, PacketNumbersWrap) {
  SendQueue queue;
  queue.start_at(0xfffffffd);
  queue.post(2 * kMtu, kMtu);
  queue.post(4 * kMtu, kMtu);
  EXPECT_EQ(psns(take_all(queue)), (std::vector<uint32_t>{0xfffffffd, 0xfffffffe, 0xffffffff, 0, 1, 2}));
  EXPECT_EQ(ack(queue, 0xfffffffe), 1u);
  EXPECT_EQ(nak(queue, 0), 0u);
  EXPECT_EQ(psns(take_all(queue)), (std::vector<uint32_t>{0, 1, 2}));
  EXPECT_EQ(ack(queue, 0xfffffffe), 0u);  // old
  EXPECT_EQ(ack(queue, 2), 1u);
  EXPECT_TRUE(queue.messages.empty());
}

TEST(SendQueue, TheTimeOutCountsFromTheFirstPacketAfterSilence) {
  SendQueue queue;
  queue.post(kMtu, kMtu);
  take(queue, 100);
  ack(queue, 0, 200);
  EXPECT_EQ(queue.progress_at.ps, 200);
  queue.post(2 * kMtu, kMtu);
  take(queue, 1'000);
  take(queue, 1'100);
  EXPECT_EQ(queue.progress_at.ps, 1'000);
  queue.go_back();
  EXPECT_FALSE(queue.in_flight());  // nothing to wait for until a packet is sent again
  take(queue, 5'000);
  EXPECT_EQ(queue.progress_at.ps, 5'000);
}

TEST(AckTimeout, IsFourMicrosecondsTimesAPowerOfTwo) {
  NicSettings nic;
  nic.ack_timeout = 14;
  EXPECT_EQ(ack_timeout_of(nic), SimTime::picoseconds(67'108'864'000));  // 67 ms [IBTA 9.7.6.1.3]
  nic.ack_timeout = 31;
  EXPECT_EQ(ack_timeout_of(nic).ps / 1'000'000'000'000, 8'796);  // the longest: 2.4 hours
  nic.ack_timeout = 0;
  EXPECT_EQ(ack_timeout_of(nic), SimTime::never());
}

}  // namespace
}  // namespace railyard
