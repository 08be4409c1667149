// SPDX-License-Identifier: BSD-3-Clause
// What a link carries of a payload: frames as they are encoded, with preamble and gap.
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "tests/validation/row.h"
#include "traffic/protocol/wire/roce_frame.h"

namespace railyard {
namespace {

constexpr size_t kFcs = 4;

// Bytes of link time of a data frame as encode() writes it.
size_t on_wire(uint32_t payload, uint8_t flags) {
  Packet packet{};
  packet.kind = PacketKind::Data;
  packet.flags = flags;
  packet.frame_bytes =
      static_cast<uint16_t>(wire::data_frame_bytes(payload, (flags & packet_flag::kFirst) != 0));
  FrameBody body;
  body.payload_size = payload;
  std::vector<uint8_t> frame(10'000);
  const size_t length = encode(packet, FlowAddress{}, body, frame.data(), frame.size());
  EXPECT_EQ(length + kFcs, packet.frame_bytes);
  EXPECT_EQ(serialisation_time(packet.frame_bytes, 1).ps,
            static_cast<int64_t>(length + kFcs + wire::kPreambleAndGap));
  return length + kFcs + wire::kPreambleAndGap;
}

TEST(WireEfficiency, OfRoceV2IsTheStandards) {
  const struct {
    uint32_t mtu;
    double percent;
  } expected[] = {{1'024, 92.59}, {2'048, 96.15}, {4'096, 98.04}};
  std::string reference, ours;
  for (const auto& e : expected) {
    const size_t bytes = on_wire(e.mtu, 0);
    EXPECT_EQ(bytes, e.mtu + 82u);
    EXPECT_EQ(on_wire(e.mtu, packet_flag::kFirst), bytes + 16);
    const double percent = 100.0 * e.mtu / static_cast<double>(bytes);
    EXPECT_NEAR(percent, e.percent, 0.005);
    reference += fmt::format("{:.2f} ", e.percent);
    ours += fmt::format("{:.2f} ", percent);
  }
  reference.pop_back();
  ours.pop_back();
  print_row("W1w: payload of a middle packet in %, MTU 1024, 2048, 4096", reference, ours, "0", "exact");
}

}  // namespace
}  // namespace railyard
