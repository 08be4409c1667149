// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/softswitch/frame_bytes.h"

#include <gtest/gtest.h>

#include "tests/unit/softswitch/memory_store.h"
#include "traffic/protocol/wire/pfc_frame.h"
#include "traffic/protocol/wire/roce_layout.h"

namespace railyard::lab {
namespace {

constexpr uint8_t kTos = 26 << 2 | ecn::kEct0;

TEST(FrameBytes, ReadsAddressesLengthAndTos) {
  const Bytes8 bytes = data_frame(1, 2, 1'024, kTos);
  FrameHeader header;
  ASSERT_TRUE(read_header(bytes.data(), bytes.size(), header));
  EXPECT_EQ(header.source, 0x020000000001u);
  EXPECT_EQ(header.destination, 0x020000000002u);
  EXPECT_EQ(header.frame.bytes, wire::data_frame_bytes(1'024, false));
  EXPECT_EQ(header.frame.tos, kTos);
  EXPECT_TRUE(header.frame.is_data);
  EXPECT_FALSE(header.frame.is_pfc);
}

TEST(FrameBytes, FindsTheDscpBehindAVlanTagAndNotInIt) {
  const Bytes8 bytes = data_frame(1, 2, 1'024, kTos, 0, VlanTag{7, 5});
  FrameHeader header;
  ASSERT_TRUE(read_header(bytes.data(), bytes.size(), header));
  EXPECT_EQ(header.frame.tos, kTos);
  EXPECT_EQ(header.frame.bytes, wire::data_frame_bytes(1'024, false) + ethernet::kVlanTag);
}

TEST(FrameBytes, TakesWhatIsNotIpv4AsDscp0) {
  Bytes8 arp(42);
  arp[12] = 0x08;
  arp[13] = 0x06;
  arp[15] = 0xff;
  FrameHeader header;
  ASSERT_TRUE(read_header(arp.data(), arp.size(), header));
  EXPECT_EQ(header.frame.tos, 0);
  EXPECT_EQ(header.frame.bytes, wire::kMinimumFrame);
}

TEST(FrameBytes, KnowsWhichHaveNoCheckButTheirFcs) {
  const Bytes8 data = data_frame(1, 2, 100, 0), tagged = data_frame(1, 2, 100, 0, 7, VlanTag{5, 3});
  EXPECT_FALSE(relies_on_fcs(data.data(), data.size()));
  EXPECT_FALSE(relies_on_fcs(tagged.data(), tagged.size()));
  Bytes8 arp = data;
  arp[ethernet::kHeader - 1] = 0x06;
  EXPECT_TRUE(relies_on_fcs(arp.data(), arp.size()));
  EXPECT_TRUE(relies_on_fcs(data.data(), ethernet::kHeader));
}

TEST(FrameBytes, AnyLengthIsSafe) {
  const Bytes8 whole = data_frame(1, 2, 16, kTos, 0, VlanTag{7, 5});
  for (size_t size = 0; size < whole.size(); ++size) {
    const Bytes8 cut(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(size));
    FrameHeader header;
    EXPECT_EQ(read_header(cut.data(), cut.size(), header), size >= ethernet::kHeader);
  }
}

TEST(FrameBytes, ReadsPfcAndLeavesPauseOfTheWholeLinkAlone) {
  PauseFrame pause;
  pause.enable_vector = 1 << 3 | 1 << 4;
  pause.quanta = {0, 0, 0, 700, 0, 0, 0, 0};
  Bytes8 bytes(ethernet::kMinimumNoFcs);
  encode(pause, bytes.data(), bytes.size());
  FrameHeader header;
  ASSERT_TRUE(read_header(bytes.data(), bytes.size(), header));
  EXPECT_TRUE(header.frame.is_pfc);
  EXPECT_EQ(header.frame.pause.enable_vector, pause.enable_vector);
  EXPECT_EQ(header.frame.pause.quanta, pause.quanta);
  EXPECT_TRUE(is_link_local(header.destination));

  pause.per_priority = false;
  encode(pause, bytes.data(), bytes.size());
  FrameHeader other;
  ASSERT_TRUE(read_header(bytes.data(), bytes.size(), other));
  EXPECT_FALSE(other.frame.is_pfc);
}

// Against the checksum summed up anew, for every identification: sums that carry, and that do not.
TEST(FrameBytes, MarkingKeepsTheIpChecksumRight) {
  for (const bool tagged : {false, true}) {
    for (uint32_t psn = 0; psn < 0x10000; psn += 37) {
      const auto tag = tagged ? std::optional<VlanTag>(VlanTag{1, 0}) : std::nullopt;
      Bytes8 bytes = data_frame(1, 2, 16, kTos, psn, tag);
      write_ce(bytes.data());
      const uint8_t* ip = bytes.data() + ethernet::kHeader + (tagged ? ethernet::kVlanTag : 0);
      ASSERT_EQ(ip[layout::kIpTos], kTos | ecn::kCe);
      ASSERT_EQ(layout::internet_checksum(ip, layout::kIpHeader), 0) << "PSN " << psn;
      const auto decoded = decode(bytes.data(), bytes.size());
      ASSERT_TRUE(decoded) << name_of(decoded.error());  // the ICRC does not cover what was changed
    }
  }
}

}  // namespace
}  // namespace railyard::lab
