// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/protocol/wire/pfc_frame.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/unit/wire/wire_examples.h"

namespace railyard {
namespace {

constexpr MacAddress kSource = {0x02, 0, 0, 0, 0, 0x07};

std::vector<uint8_t> bytes_of(const PauseFrame& frame) {
  std::vector<uint8_t> bytes(60);
  EXPECT_EQ(encode(frame, bytes.data(), bytes.size()), 60u);
  return bytes;
}

TEST(PfcFrame, IsTheStandardsFrameToTheByte) {
  Packet packet = example_control(PacketKind::Pfc, wire::kPfcFrame, 0xffff);
  packet.entropy = 1 << 3 | 1 << 6;
  std::vector<uint8_t> expected = {0x01, 0x80, 0xc2, 0x00, 0x00, 0x01, 0x02, 0x00, 0x00, 0x00, 0x00, 0x07,
                                   0x88, 0x08, 0x01, 0x01, 0x00, 0x48, 0,    0,    0,    0,    0,    0,
                                   0xff, 0xff, 0,    0,    0,    0,    0xff, 0xff, 0,    0};
  expected.resize(60);
  EXPECT_EQ(bytes_of(pause_frame_of(packet, kSource)), expected);
}

TEST(PfcFrame, ComesBackAsItWas) {
  PauseFrame frame;
  frame.source = kSource;
  frame.enable_vector = 0x81;
  frame.quanta = {1, 2, 3, 4, 5, 6, 7, 0xfffe};
  const std::vector<uint8_t> bytes = bytes_of(frame);
  const auto decoded = decode_pause(bytes.data(), bytes.size());
  ASSERT_TRUE(decoded.has_value());
  EXPECT_TRUE(decoded->per_priority);
  EXPECT_EQ(decoded->source, kSource);
  EXPECT_EQ(decoded->enable_vector, 0x81);
  EXPECT_EQ(decoded->quanta, frame.quanta);
}

TEST(PfcFrame, LinkPauseMeansAllPriorities) {
  PauseFrame frame;
  frame.per_priority = false;
  frame.quanta[0] = 0x1234;
  const std::vector<uint8_t> bytes = bytes_of(frame);
  EXPECT_EQ((std::vector<uint8_t>(bytes.begin() + 12, bytes.begin() + 20)),
            (std::vector<uint8_t>{0x88, 0x08, 0x00, 0x01, 0x12, 0x34, 0, 0}));
  const auto decoded = decode_pause(bytes.data(), bytes.size());
  ASSERT_TRUE(decoded.has_value());
  EXPECT_FALSE(decoded->per_priority);
  EXPECT_EQ(decoded->enable_vector, 0xff);
  for (uint16_t quanta : decoded->quanta) EXPECT_EQ(quanta, 0x1234);
}

TEST(PfcFrame, RefusesWhatIsNotOne) {
  std::vector<uint8_t> bytes = bytes_of({});
  for (size_t size = 0; size < 34; ++size) {
    const std::vector<uint8_t> cut(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(size));
    const auto decoded = decode_pause(cut.data(), cut.size());
    ASSERT_FALSE(decoded.has_value()) << size;
    EXPECT_EQ(name_of(decoded.error()), "truncated frame");
  }
  EXPECT_EQ(encode(PauseFrame{}, bytes.data(), 59), 0u);
  bytes[15] = 2;
  EXPECT_EQ(name_of(decode_pause(bytes.data(), bytes.size()).error()), "unknown MAC control opcode");
  bytes[13] = 0;
  EXPECT_EQ(name_of(decode_pause(bytes.data(), bytes.size()).error()), "wrong EtherType");
}

}  // namespace
}  // namespace railyard
