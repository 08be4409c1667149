// SPDX-License-Identifier: BSD-3-Clause
// "RDMA over Commodity Ethernet at Scale" (SIGCOMM 2016), section 4.1: a switch that drops one packet in 256.
// With go-back-0 a message of 4 MB, 4000 packets, never ends; with go-back-N it does.
#include <gtest/gtest.h>

#include <deque>

#include "tests/validation/row.h"
#include "traffic/protocol/transport/receive_queue.h"
#include "traffic/protocol/transport/send_queue.h"

namespace railyard {
namespace {

constexpr SimTime kTick = SimTime::picoseconds(1);
constexpr uint32_t kMtu = 1'000, kPackets = 4'000, kDropEvery = 256;

// One packet a tick; `delay` ticks each way. Returns the share of the packets sent that were of use.
double goodput(uint32_t delay, uint64_t messages) {
  SendQueue sender;
  ReceiveQueue receiver;
  for (uint64_t i = 0; i < messages; ++i) sender.post(uint64_t{kMtu} * kPackets, kMtu);
  std::deque<Packet> forward, back;
  uint64_t sent = 0, acked = 0;
  const SimTime limit{100 * kPackets * static_cast<int64_t>(messages)};
  for (SimTime now; acked < messages && now < limit; now += kTick) {
    while (!back.empty() && back.front().time == now) {
      const Packet p = back.front();
      back.pop_front();
      acked += sender.on_ack(p.kind == PacketKind::Ack ? p.psn : p.psn - 1, now);
      if (p.kind == PacketKind::Nak) sender.on_nak(p.psn);
    }
    if (sender.has_packet()) {
      Packet p;
      sender.take_packet(p, kMtu, ecn::kEct0, now);
      p.time = now + kTick * delay;
      if (++sent % kDropEvery != 0) forward.push_back(p);
    }
    while (!forward.empty() && forward.front().time == now) {
      const ReceiveQueue::Verdict v = receiver.on_data(forward.front(), 1);
      forward.pop_front();
      if (!v.ack && !v.nak) continue;
      Packet reply{};
      reply.kind = v.ack ? PacketKind::Ack : PacketKind::Nak;
      reply.psn = receiver.expected_psn - (v.ack ? 1 : 0);
      reply.time = now + kTick * delay;
      back.push_back(reply);
    }
  }
  EXPECT_EQ(acked, messages);
  return static_cast<double>(kPackets * acked) / static_cast<double>(sent);
}

TEST(GoBackN, OutlivesOneLossIn256) {
  constexpr uint32_t kDelay = 8;
  const double share = goodput(kDelay, 50);
  // Each loss costs the packet itself and what was sent until the NAK for the next one came back.
  const double expected = (kDropEvery - 1.0 - 2 * kDelay) / kDropEvery;
  EXPECT_NEAR(share, expected, 0.005);
  print_row("L1: one packet in 256 dropped, messages of 4000 packets, go-back-N: goodput",
            fmt::format("> 0; {:.3f} by count", expected), fmt::format("{:.3f}", share),
            fmt::format("{:+.4f}", share - expected), "0.005");
}

}  // namespace
}  // namespace railyard
