// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/protocol/wire/icrc.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <random>
#include <vector>

namespace railyard {
namespace {

// A congestion notification packet captured from a ConnectX-4 Lx, from the IPv4 header on, without its ICRC,
// which was 82 fd 00 2a on the wire. [the capture in Scapy's RoCE tests, test/contrib/roce.uts]
const std::vector<uint8_t> kCapturedCnp = {
    0x45, 0xc2, 0x00, 0x3c, 0x71, 0x8c, 0x40, 0x00, 0x40, 0x11, 0x91, 0x61, 0x0a, 0x00,
    0x11, 0x01, 0x0a, 0x00, 0x12, 0x01, 0x00, 0x00, 0x12, 0xb7, 0x00, 0x28, 0x00, 0x00,
    0x81, 0x00, 0xff, 0xff, 0x40, 0x00, 0x01, 0x18, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00};

// An unreliable-connected SEND with two bytes of padding, and a UDP checksum; ICRC 78 f3 53 f3. [the same]
const std::vector<uint8_t> kUcSend = {0x45, 0x01, 0x00, 0x40, 0x04, 0x78, 0x40, 0x00, 0x40, 0x11, 0xb4, 0xd5,
                                      0xc0, 0xa8, 0x00, 0x07, 0xc0, 0xa8, 0x00, 0x07, 0xc0, 0x00, 0x12, 0xb7,
                                      0x00, 0x2c, 0xac, 0xa2, 0x24, 0x60, 0xff, 0xff, 0x00, 0x00, 0x00, 0xd3,
                                      0x00, 0xcf, 0x17, 0x10, 0x46, 0x30, 0x81, 0x8b, 0xe2, 0x89, 0x35, 0xd9,
                                      0x0e, 0x9a, 0x95, 0x50, 0x54, 0x01, 0xbe, 0x88, 0x5e, 0x50, 0x00, 0x00};

TEST(Icrc, IsThatOfPacketsFromRealHardware) {
  EXPECT_EQ(icrc(kCapturedCnp.data(), kCapturedCnp.size()), 0x2a00fd82u);
  EXPECT_EQ(icrc(kUcSend.data(), kUcSend.size()), 0xf353f378u);
}

// The textbook form: a bit at a time, reflected polynomial 0x04C11DB7.
uint32_t bitwise_crc32(const std::vector<uint8_t>& bytes) {
  uint32_t crc = 0xffffffff;
  for (uint8_t byte : bytes) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1) != 0 ? crc >> 1 ^ 0xedb88320 : crc >> 1;
  }
  return ~crc;
}

TEST(Icrc, AgreesWithABitwiseCrcOverTheMaskedPacket) {
  std::mt19937 random(1);
  for (size_t size : {40u, 41u, 56u, 1064u, 4136u}) {
    std::vector<uint8_t> packet(size);
    for (uint8_t& byte : packet) byte = static_cast<uint8_t>(random());
    std::vector<uint8_t> masked = packet;
    masked[1] = 0xff;                // type of service
    masked[8] = 0xff;                // time to live
    masked[10] = masked[11] = 0xff;  // header checksum
    masked[26] = masked[27] = 0xff;  // UDP checksum
    masked[32] = 0xff;               // FECN, BECN, reserved
    masked.insert(masked.begin(), 8, 0xff);
    EXPECT_EQ(icrc(packet.data(), packet.size()), bitwise_crc32(masked)) << size;
  }
}

TEST(Icrc, SurvivesWhatSwitchesAndRoutersChange) {
  std::vector<uint8_t> packet = kCapturedCnp;
  packet[1] |= 3;      // CE mark
  packet[8] -= 3;      // three hops
  packet[10] ^= 0x55;  // and so the checksum
  EXPECT_EQ(icrc(packet.data(), packet.size()), 0x2a00fd82u);
  packet[5] ^= 1;
  EXPECT_NE(icrc(packet.data(), packet.size()), 0x2a00fd82u);
}

TEST(Icrc, OfAConstantPayloadIsThatOfTheWholePacket) {
  const auto agrees = [](std::vector<uint8_t> headers, const std::vector<uint8_t>& payload) {
    RC_PRE(headers.size() >= 40u);
    const ConstantPayloadIcrc constant(payload.data(), payload.size());
    std::vector<uint8_t> packet = headers;
    packet.insert(packet.end(), payload.begin(), payload.end());
    RC_ASSERT(constant.icrc(headers.data(), headers.size()) == icrc(packet.data(), packet.size()));
  };
  EXPECT_TRUE(rc::check([&] {
    const auto headers = *rc::gen::inRange<size_t>(40, 73);
    const auto payload = *rc::gen::inRange<size_t>(0, 4097);
    const auto bytes = rc::gen::arbitrary<uint8_t>();
    agrees(*rc::gen::container<std::vector<uint8_t>>(headers, bytes),
           *rc::gen::container<std::vector<uint8_t>>(payload, bytes));
  }));
}

}  // namespace
}  // namespace railyard
