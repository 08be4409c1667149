// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/protocol/wire/frame_template.h"

#include <gtest/gtest.h>

#include <random>

#include "tests/unit/wire/wire_examples.h"

namespace railyard {
namespace {

constexpr uint32_t kMtu = 1024;

std::vector<uint8_t> written(const FrameTemplate& t, const Packet& packet, const FrameBody& body) {
  std::vector<uint8_t> frame(16'384, 0xee);  // as a buffer that held another frame
  frame.resize(t.write(packet, body, frame.data(), frame.size()));
  return frame;
}

std::vector<FlowAddress> flows() {
  FlowAddress tagged = example_flow();
  tagged.vlan = VlanTag{100, 3};
  return {example_flow(), tagged};
}

TEST(FrameTemplate, WritesDataAsEncodeDoes) {
  std::mt19937 random(1);
  for (const uint32_t mtu : {4u, 256u, 1023u, kMtu}) {
    const auto changes = std::make_shared<IcrcChanges>((mtu + 3) / 4 * 4);
    for (const FlowAddress& flow : flows()) {
      Packet packet = example_data(mtu, 0, 0);
      const FrameTemplate t = FrameTemplate::of_data(flow, packet.tos, mtu, changes);
      for (int i = 0; i < 2'000; ++i) {
        packet.psn = static_cast<uint32_t>(random());
        packet.flags = static_cast<uint8_t>(random()) & (packet_flag::kLast | packet_flag::kAckRequest);
        FrameBody body;
        body.payload_size = mtu;
        if (i % 8 != 0) body.identification = static_cast<uint16_t>(random());
        const auto frame = written(t, packet, body);
        ASSERT_FALSE(frame.empty());
        ASSERT_EQ(frame, encoded(packet, flow, body)) << "MTU " << mtu << " PSN " << packet.psn;
      }
    }
  }
}

// The one's complement sum must be folded as encode() folds it, whatever the carry.
TEST(FrameTemplate, EveryIdentificationHasItsChecksum) {
  const Packet packet = example_data(4, 0, 7);
  const FrameTemplate t =
      FrameTemplate::of_data(example_flow(), packet.tos, 4, std::make_shared<IcrcChanges>(4));
  FrameBody body;
  body.payload_size = 4;
  for (uint32_t id = 0; id <= 0xffff; ++id) {
    body.identification = static_cast<uint16_t>(id);
    ASSERT_EQ(written(t, packet, body), encoded(packet, example_flow(), body)) << id;
  }
}

TEST(FrameTemplate, WritesAcksAndNaksAsEncodeDoes) {
  std::mt19937 random(2);
  const auto changes = std::make_shared<IcrcChanges>(wire::kAeth);
  for (const FlowAddress& flow : flows()) {
    Packet packet = example_control(PacketKind::Ack, wire::kAckFrame, 0);
    const FrameTemplate t = FrameTemplate::of_acks(flow, packet.tos, changes);
    for (int i = 0; i < 2'000; ++i) {
      packet.psn = static_cast<uint32_t>(random());
      packet.kind = i % 2 == 0 ? PacketKind::Ack : PacketKind::Nak;
      FrameBody body;
      body.msn = static_cast<uint32_t>(random()) & 0xffffff;
      const auto frame = written(t, packet, body);
      ASSERT_FALSE(frame.empty());
      ASSERT_EQ(frame, encoded(packet, flow, body));
    }
  }
}

TEST(FrameTemplate, LeavesOtherFramesToEncode) {
  const Packet packet = example_data(kMtu, 0, 5);
  const FrameTemplate t =
      FrameTemplate::of_data(example_flow(), packet.tos, kMtu, std::make_shared<IcrcChanges>(kMtu));
  FrameBody body;
  body.payload_size = kMtu;
  std::vector<uint8_t> out(2'048);
  const auto refused = [&](const Packet& p, const FrameBody& b, size_t capacity) {
    return t.write(p, b, out.data(), capacity) == 0;
  };
  EXPECT_FALSE(refused(packet, body, out.size()));
  EXPECT_TRUE(refused(packet, body, 100)) << "no room";
  EXPECT_TRUE(refused(example_data(kMtu, packet_flag::kFirst, 5), body, out.size())) << "a RETH";
  EXPECT_TRUE(refused(example_control(PacketKind::Ack, wire::kAckFrame, 5), body, out.size()));
  Packet other_tos = packet;
  other_tos.tos ^= ecn::kCe;
  EXPECT_TRUE(refused(other_tos, body, out.size()));
  FrameBody shorter = body;
  shorter.payload_size = kMtu - 1;  // the same length, with padding
  EXPECT_TRUE(refused(packet, shorter, out.size()));
  FrameBody with_payload = body;
  with_payload.payload = out.data();
  EXPECT_TRUE(refused(packet, with_payload, out.size()));
}

}  // namespace
}  // namespace railyard
