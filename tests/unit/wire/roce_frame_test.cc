// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/protocol/wire/roce_frame.h"

#include <gtest/gtest.h>

#include <numeric>
#include <string>
#include <vector>

#include "tests/unit/wire/wire_examples.h"
#include "traffic/protocol/wire/byte_order.h"
#include "traffic/protocol/wire/icrc.h"

namespace railyard {
namespace {

constexpr uint8_t kOnly = packet_flag::kFirst | packet_flag::kLast;

DecodedFrame must_decode(const std::vector<uint8_t>& frame) {
  const auto decoded = decode(frame.data(), frame.size());
  EXPECT_TRUE(decoded.has_value()) << name_of(decoded.error());
  return decoded ? *decoded : DecodedFrame{};
}

TEST(RoceFrame, TakesThePacketsLengthWithoutFcs) {
  const FlowAddress flow = example_flow();
  for (uint32_t payload : {0u, 1u, 2u, 3u, 4u, 1'000u, 1'024u, 4'096u}) {
    for (uint8_t flags : {uint8_t{0}, packet_flag::kFirst, packet_flag::kLast, kOnly}) {
      const Packet packet = example_data(payload, flags, 7);
      FrameBody body;
      body.payload_size = payload;
      const std::vector<uint8_t> frame = encoded(packet, flow, body);
      EXPECT_EQ(frame.size(), packet.frame_bytes - 4u) << payload << " flags " << int{flags};
      const DecodedFrame decoded = must_decode(frame);
      EXPECT_EQ(decoded.frame_bytes, packet.frame_bytes);
      EXPECT_EQ(decoded.payload_size, payload);
      EXPECT_EQ(decoded.flags, flags);
    }
  }
  EXPECT_EQ(encoded(example_control(PacketKind::Ack, wire::kAckFrame, 1), flow, {}).size(), 62u);
  EXPECT_EQ(encoded(example_control(PacketKind::Cnp, wire::kCnpFrame, 0), flow, {}).size(), 74u);
  EXPECT_EQ(encoded(example_control(PacketKind::Pfc, wire::kPfcFrame, 0), flow, {}).size(), 60u);
}

TEST(RoceFrame, CarriesAWriteFromEndToEnd) {
  std::vector<uint8_t> payload(1'001);
  std::iota(payload.begin(), payload.end(), uint8_t{0});
  FrameBody body;
  body.payload = payload.data();
  body.payload_size = payload.size();
  body.reth = {0x0123456789abcdef, 0xfeedbeef, 10'000'000};
  const Packet packet = example_data(1'001, packet_flag::kFirst | packet_flag::kAckRequest, 0xff123456);
  const std::vector<uint8_t> bytes = encoded(packet, example_flow(), body);
  const DecodedFrame frame = must_decode(bytes);
  EXPECT_EQ(frame.kind, PacketKind::Data);
  EXPECT_EQ(frame.opcode, RoceOpcode::WriteFirst);
  EXPECT_EQ(frame.flags, packet.flags);
  EXPECT_EQ(frame.psn, 0x123456u);
  EXPECT_EQ(frame.ip_identification, 0x3456);
  EXPECT_EQ(frame.tos, packet.tos);
  EXPECT_EQ(frame.ttl, 64);
  EXPECT_EQ(frame.partition_key, 0xffff);
  EXPECT_EQ(frame.address.source_ip, 0x0a000001u);
  EXPECT_EQ(frame.address.destination_ip, 0x0a000102u);
  EXPECT_EQ(frame.address.destination_mac, example_flow().destination_mac);
  EXPECT_EQ(frame.address.udp_source_port, 0xc000 | 0x1678);
  EXPECT_EQ(frame.address.destination_qp, 0xabcdefu);
  EXPECT_EQ(frame.reth.virtual_address, 0x0123456789abcdefu);
  EXPECT_EQ(frame.reth.remote_key, 0xfeedbeefu);
  EXPECT_EQ(frame.reth.dma_length, 10'000'000u);
  EXPECT_EQ(std::vector<uint8_t>(frame.payload, frame.payload + frame.payload_size), payload);
  EXPECT_FALSE(frame.becn);
  EXPECT_FALSE(frame.address.vlan.has_value());
}

TEST(RoceFrame, CountsTransmissionsWhereItIsTold) {
  FrameBody body;
  body.identification = 4711;
  EXPECT_EQ(must_decode(encoded(example_data(0, kOnly, 7), example_flow(), body)).ip_identification, 4711);
}

TEST(RoceFrame, DerivesTheIcrcOfAConstantPayload) {
  constexpr uint32_t kPayload = 1'022;  // padded to 1,024
  const std::vector<uint8_t> padded(1'024);
  const ConstantPayloadIcrc derived(padded.data(), padded.size());
  for (uint8_t flags : {uint8_t{0}, kOnly}) {
    FrameBody body;
    body.payload_size = kPayload;
    const std::vector<uint8_t> computed = encoded(example_data(kPayload, flags, 7), example_flow(), body);
    body.derived_icrc = &derived;
    EXPECT_EQ(encoded(example_data(kPayload, flags, 7), example_flow(), body), computed);
  }
}

TEST(RoceFrame, LeavesTheIcrcUncheckedWhereAsked) {
  std::vector<uint8_t> frame = encoded(example_data(0, kOnly, 7), example_flow(), {});
  frame.back() ^= 1;
  const auto verified = decode(frame.data(), frame.size());
  ASSERT_FALSE(verified);
  EXPECT_EQ(verified.error(), DecodeError::BadIcrc);
  EXPECT_TRUE(decode(frame.data(), frame.size(), IcrcCheck::Skip));
}

TEST(RoceFrame, ChoosesTheOpcodeByPlaceInTheMessage) {
  const auto opcode = [](uint8_t flags) {
    FrameBody body;
    body.payload_size = 64;
    return must_decode(encoded(example_data(64, flags, 1), example_flow(), body)).opcode;
  };
  EXPECT_EQ(opcode(packet_flag::kFirst), RoceOpcode::WriteFirst);
  EXPECT_EQ(opcode(0), RoceOpcode::WriteMiddle);
  EXPECT_EQ(opcode(packet_flag::kLast), RoceOpcode::WriteLast);
  EXPECT_EQ(opcode(kOnly), RoceOpcode::WriteOnly);
}

TEST(RoceFrame, AnswersGoBackToTheSender) {
  FrameBody body;
  body.msn = 0x010203;
  const FlowAddress flow = example_flow();
  const DecodedFrame ack =
      must_decode(encoded(example_control(PacketKind::Ack, wire::kAckFrame, 99), flow, body));
  EXPECT_EQ(ack.kind, PacketKind::Ack);
  EXPECT_EQ(ack.syndrome, 0x1f);
  EXPECT_EQ(ack.msn, 0x010203u);
  EXPECT_EQ(ack.psn, 99u);
  EXPECT_EQ(ack.address.destination_qp, flow.source_qp);
  EXPECT_EQ(ack.address.destination_ip, flow.source_ip);
  EXPECT_EQ(ack.address.source_mac, flow.destination_mac);

  const DecodedFrame nak =
      must_decode(encoded(example_control(PacketKind::Nak, wire::kAckFrame, 99), flow, body));
  EXPECT_EQ(nak.kind, PacketKind::Nak);
  EXPECT_EQ(nak.syndrome, 0x60);

  const DecodedFrame cnp =
      must_decode(encoded(example_control(PacketKind::Cnp, wire::kCnpFrame, 99), flow, body));
  EXPECT_EQ(cnp.kind, PacketKind::Cnp);
  EXPECT_TRUE(cnp.becn);
  EXPECT_FALSE(cnp.fecn);
  EXPECT_EQ(cnp.psn, 0u);
  EXPECT_EQ(cnp.address.destination_qp, flow.source_qp);
}

TEST(RoceFrame, DecodesACnpFromRealHardware) {
  // Captured from a ConnectX-4 Lx. [Scapy's RoCE tests, test/contrib/roce.uts]
  const std::vector<uint8_t> captured = {
      0xe4, 0x1d, 0x2d, 0xab, 0x2b, 0xc2, 0x7c, 0xfe, 0x90, 0x64, 0x3b, 0x32, 0x08, 0x00, 0x45,
      0xc2, 0x00, 0x3c, 0x71, 0x8c, 0x40, 0x00, 0x40, 0x11, 0x91, 0x61, 0x0a, 0x00, 0x11, 0x01,
      0x0a, 0x00, 0x12, 0x01, 0x00, 0x00, 0x12, 0xb7, 0x00, 0x28, 0x00, 0x00, 0x81, 0x00, 0xff,
      0xff, 0x40, 0x00, 0x01, 0x18, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
      0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x82, 0xfd, 0x00, 0x2a};
  const DecodedFrame cnp = must_decode(captured);
  EXPECT_EQ(cnp.kind, PacketKind::Cnp);
  EXPECT_TRUE(cnp.becn);
  EXPECT_EQ(cnp.tos >> 2, 48);
  EXPECT_EQ(cnp.address.destination_qp, 0x118u);
  EXPECT_EQ(cnp.frame_bytes, wire::kCnpFrame);

  FlowAddress flow;  // the flow that this answers
  flow.destination_mac = cnp.address.source_mac;
  flow.source_mac = cnp.address.destination_mac;
  flow.destination_ip = cnp.address.source_ip;
  flow.source_ip = cnp.address.destination_ip;
  flow.source_qp = cnp.address.destination_qp;
  Packet packet = example_control(PacketKind::Cnp, wire::kCnpFrame, cnp.ip_identification);
  packet.tos = cnp.tos;
  EXPECT_EQ(encoded(packet, flow, {}), captured) << "ours is the same to the byte";
}

TEST(RoceFrame, CarriesAVlanTag) {
  FlowAddress flow = example_flow();
  flow.vlan = VlanTag{100, 3};
  FrameBody body;
  body.payload_size = 256;
  const Packet packet = example_data(256, 0, 5);
  const std::vector<uint8_t> frame = encoded(packet, flow, body);
  EXPECT_EQ(frame.size(), packet.frame_bytes - 4u + 4u);
  EXPECT_EQ(load_be32(frame.data() + 12), 0x81006064u);
  const DecodedFrame decoded = must_decode(frame);
  ASSERT_TRUE(decoded.address.vlan.has_value());
  EXPECT_EQ(decoded.address.vlan->id, 100);
  EXPECT_EQ(decoded.address.vlan->priority, 3);
  EXPECT_EQ(decoded.frame_bytes, packet.frame_bytes + 4u);
}

TEST(RoceFrame, RefusesWhatDoesNotFit) {
  FrameBody body;
  body.payload_size = 100;
  Packet packet = example_data(100, 0, 5);
  std::vector<uint8_t> out(packet.frame_bytes);
  EXPECT_EQ(encode(packet, example_flow(), body, out.data(), packet.frame_bytes - 5u), 0u);
  EXPECT_EQ(encode(packet, example_flow(), body, out.data(), packet.frame_bytes - 4u),
            packet.frame_bytes - 4u);
  body.payload_size = 1'000;
  EXPECT_EQ(encode(packet, example_flow(), body, out.data(), out.size()), 0u) << "the packet says 100";
  packet.frame_bytes = 0;
  body.payload_size = 65'536;
  EXPECT_EQ(encoded(packet, example_flow(), body).size(), 0u);
}

// A good frame, and ways to spoil it that leave checksum and ICRC right.
class SpoiledFrame : public ::testing::Test {
 protected:
  SpoiledFrame() {
    FrameBody body;
    body.payload_size = 64;
    frame_ = encoded(example_data(64, 0, 5), example_flow(), body);
  }

  void mend() {
    uint8_t* ip = frame_.data() + 14;
    store_be16(ip + 10, 0);
    uint32_t sum = 0;
    for (size_t i = 0; i < 20; i += 2) sum += load_be16(ip + i);
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    store_be16(ip + 10, static_cast<uint16_t>(~sum));
    const uint32_t crc = icrc(ip, frame_.size() - 14 - 4);
    for (size_t i = 0; i < 4; ++i) frame_[frame_.size() - 4 + i] = static_cast<uint8_t>(crc >> (8 * i));
  }

  std::string error() {
    const auto decoded = decode(frame_.data(), frame_.size());
    return decoded ? "none" : std::string(name_of(decoded.error()));
  }

  std::string error_with(size_t offset, uint8_t value) {
    frame_[offset] = value;
    mend();
    return error();
  }

  static constexpr size_t kIp = 14, kUdp = kIp + 20, kBth = kUdp + 8;
  std::vector<uint8_t> frame_;
};

TEST_F(SpoiledFrame, NamesWhatIsWrong) {
  const std::vector<uint8_t> good = frame_;
  const auto expect = [&](size_t offset, uint8_t value, const char* message) {
    frame_ = good;
    EXPECT_EQ(error_with(offset, value), message) << "byte " << offset;
  };
  expect(12, 0x86, "wrong EtherType");
  expect(kIp, 0x46, "bad IPv4 header");
  expect(kIp + 2, 0xff, "truncated frame");
  expect(kIp + 6, 0x20, "IPv4 fragment");
  expect(kIp + 9, 6, "not UDP");
  expect(kUdp + 2, 0, "not the RoCEv2 UDP port");
  expect(kUdp + 4, 1, "bad IPv4 header");
  expect(kBth, 0x24, "unsupported opcode");
  expect(kBth + 1, 0x41, "bad transport header version");
  frame_ = good;
  frame_[kIp + 10] ^= 1;
  EXPECT_EQ(error(), "bad IPv4 header checksum");
  frame_ = good;
  frame_[kBth + 20] ^= 1;
  EXPECT_EQ(error(), "bad ICRC");
  frame_ = good;
  EXPECT_EQ(error(), "none");
}

TEST_F(SpoiledFrame, NamesWhatIsWrongWithTheContent) {
  frame_ = encoded(example_control(PacketKind::Ack, wire::kAckFrame, 5), example_flow(), {});
  EXPECT_EQ(error_with(kBth + 12, 0x20), "unsupported AETH syndrome") << "receiver not ready";
  EXPECT_EQ(error_with(kBth + 12, 0x61), "unsupported AETH syndrome") << "invalid request";
  EXPECT_EQ(error_with(kBth + 12, 0x03), "none") << "an ACK with credits";
  EXPECT_EQ(error_with(kBth, 0x06), "truncated frame") << "no room for a RETH";
  EXPECT_EQ(error_with(kBth, 0x81), "truncated frame") << "no room for a CNP's reserved bytes";

  FrameBody empty;
  frame_ = encoded(example_data(0, packet_flag::kFirst, 5), example_flow(), empty);
  EXPECT_EQ(error_with(kBth + 1, 0x70), "bad pad count") << "three bytes of nothing";
}

TEST_F(SpoiledFrame, IsSafeAtAnyLength) {
  for (size_t size = 0; size < frame_.size(); ++size) {
    const std::vector<uint8_t> cut(frame_.begin(), frame_.begin() + static_cast<ptrdiff_t>(size));
    const auto decoded = decode(cut.data(), cut.size());
    ASSERT_FALSE(decoded.has_value()) << size;
    EXPECT_EQ(decoded.error(), DecodeError::Truncated) << size;
  }
}

TEST_F(SpoiledFrame, NoSingleBitGoesUnnoticed) {
  // From the type on: the addresses before it are the FCS's to protect.
  for (size_t bit = 12 * 8; bit < frame_.size() * 8; ++bit) {
    std::vector<uint8_t> flipped = frame_;
    flipped[bit / 8] ^= static_cast<uint8_t>(1u << bit % 8);
    const bool udp_checksum = bit / 8 == kUdp + 6 || bit / 8 == kUdp + 7;
    const bool ecn_bits = bit / 8 == kBth + 4;
    EXPECT_EQ(decode(flipped.data(), flipped.size()).has_value(), udp_checksum || ecn_bits) << bit;
  }
}

TEST(ExtendPsn, FindsTheNearest) {
  EXPECT_EQ(extend_psn(5, 3), 5u);
  EXPECT_EQ(extend_psn(3, 5), 3u);
  EXPECT_EQ(extend_psn(0x000001, 0x00ffffff), 0x01000001u);
  EXPECT_EQ(extend_psn(0xffffff, 0x01000001), 0x00ffffffu);
  EXPECT_EQ(extend_psn(0x000002, 0xfffffffe), 0x00000002u) << "32 bits wrap too";
  for (uint32_t psn : {0u, 1u, 0x7fffffu, 0x800000u, 0x12345678u, 0xffffffffu}) {
    for (int32_t lag : {-8'388'608 + 1, -1, 0, 1, 8'388'607}) {
      const uint32_t reference = psn + static_cast<uint32_t>(lag);
      EXPECT_EQ(extend_psn(psn & 0xffffff, reference), psn) << psn << " seen from " << reference;
    }
  }
}

}  // namespace
}  // namespace railyard
