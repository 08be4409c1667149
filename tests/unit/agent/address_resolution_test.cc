// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/agent/address_resolution.h"

#include <gmock/gmock.h>

#include "traffic/protocol/wire/byte_order.h"
#include "traffic/protocol/wire/roce_layout.h"

namespace railyard::lab {
namespace {

constexpr MacAddress kLeft = {2, 0, 0, 0, 0, 1}, kRight = {2, 0, 0, 0, 0, 2};
constexpr uint32_t kLeftIp = 0x0a000001, kRightIp = 0x0a000002;
constexpr SimTime kSecond = SimTime::seconds(1);

using Frames = std::vector<std::vector<uint8_t>>;

Frames frames_of(AddressResolution& from, SimTime now) {
  Frames frames;
  from.poll(now, [&](const uint8_t* frame, size_t size) { frames.emplace_back(frame, frame + size); });
  return frames;
}

void deliver(const Frames& frames, AddressResolution& to) {
  for (const auto& frame : frames) EXPECT_TRUE(to.on_frame(frame.data(), frame.size()));
}

TEST(AddressResolution, AsksAndAnswers) {
  for (uint32_t vlan : {0u, 12u}) {
    AddressResolution left(kLeft, kLeftIp, vlan), right(kRight, kRightIp, vlan);
    left.resolve(kRightIp, {});
    EXPECT_EQ(left.unresolved(), 1u);
    const Frames request = frames_of(left, {});
    ASSERT_EQ(request.size(), 1u);
    EXPECT_EQ(request[0].size(), 60u);
    deliver(request, right);
    const Frames reply = frames_of(right, {});
    ASSERT_EQ(reply.size(), 1u);
    deliver(reply, left);
    EXPECT_EQ(left.unresolved(), 0u);
    EXPECT_EQ(left.lookup(kRightIp), kRight);
    EXPECT_TRUE(frames_of(left, kSecond).empty());
  }
}

TEST(AddressResolution, AsksAgainUntilSomebodyAnswers) {
  AddressResolution left(kLeft, kLeftIp, 0);
  left.resolve(kRightIp, {});
  EXPECT_EQ(frames_of(left, {}).size(), 1u);
  EXPECT_TRUE(frames_of(left, kSecond / 20).empty());
  EXPECT_EQ(frames_of(left, kSecond / 10).size(), 1u);
  EXPECT_THAT(left.unresolved_addresses(), ::testing::ElementsAre(kRightIp));
}

TEST(AddressResolution, DoesNotAnswerForOthers) {
  AddressResolution left(kLeft, kLeftIp, 0), right(kRight, kRightIp, 0);
  left.resolve(0x0a000063, {});
  deliver(frames_of(left, {}), right);
  EXPECT_TRUE(frames_of(right, {}).empty());
  AddressResolution tagged(kRight, 0x0a000063, 5);  // another VLAN
  for (const auto& frame : frames_of(left, kSecond))
    EXPECT_FALSE(tagged.on_frame(frame.data(), frame.size()));
}

TEST(AddressResolution, NoticesWhoHasItsAddress) {
  AddressResolution left(kLeft, kLeftIp, 0), impostor(kRight, kLeftIp, 0);
  impostor.resolve(kRightIp, {});
  deliver(frames_of(impostor, {}), left);
  EXPECT_EQ(left.conflict(), kRight);
}

std::vector<uint8_t> ping(size_t data) {
  using namespace layout;
  std::vector<uint8_t> frame(ethernet::kHeader + kIpHeader + 8 + data, 0x5a);
  std::copy(kRight.begin(), kRight.end(), frame.begin());
  std::copy(kLeft.begin(), kLeft.end(), frame.begin() + 6);
  store_be16(&frame[12], ethernet::kTypeIpv4);
  uint8_t* ip = &frame[ethernet::kHeader];
  std::fill_n(ip, kIpHeader, 0);
  ip[0] = kIpVersionAndLength;
  store_be16(ip + kIpTotalLength, static_cast<uint16_t>(frame.size() - ethernet::kHeader));
  ip[kIpProtocol] = 1;
  store_be32(ip + kIpSource, kLeftIp);
  store_be32(ip + kIpDestination, kRightIp);
  ip[kIpHeader] = 8;
  return frame;
}

TEST(AddressResolution, AnswersPing) {
  using namespace layout;
  AddressResolution right(kRight, kRightIp, 0);
  for (size_t data : {8u, 9u, 1000u}) {
    const std::vector<uint8_t> frame = ping(data);
    ASSERT_TRUE(right.on_frame(frame.data(), frame.size()));
    const Frames replies = frames_of(right, {});
    ASSERT_EQ(replies.size(), 1u);
    const uint8_t* out = replies[0].data() + ethernet::kHeader;
    EXPECT_EQ(load_be32(out + kIpDestination), kLeftIp);
    EXPECT_EQ(internet_checksum(out, kIpHeader), 0);
    EXPECT_EQ(out[kIpHeader], 0);
    std::vector<uint8_t> icmp(out + kIpHeader, out + load_be16(out + kIpTotalLength));
    icmp.resize((icmp.size() + 1) & ~size_t{1});
    EXPECT_EQ(internet_checksum(icmp.data(), icmp.size()), 0);
    EXPECT_EQ(icmp[8 + data - 1], 0x5a);
  }
}

TEST(AddressResolution, AnswersPingWithAPriorityTag) {
  std::vector<uint8_t> tagged = ping(64);
  const std::vector<uint8_t> tag = {0x81, 0x00, 0xa0, 0x00};  // priority 5, no VLAN
  tagged.insert(tagged.begin() + 12, tag.begin(), tag.end());
  AddressResolution right(kRight, kRightIp, 0), same(kRight, kRightIp, 0);
  ASSERT_TRUE(right.on_frame(tagged.data(), tagged.size()));
  ASSERT_TRUE(same.on_frame(ping(64).data(), ping(64).size()));
  EXPECT_EQ(frames_of(right, {}), frames_of(same, {}));
}

TEST(AddressResolution, BelievesNobodyWhoClaimsAGroupAddress) {
  AddressResolution left(kLeft, kLeftIp, 0), right({3, 0, 0, 0, 0, 2}, kRightIp, 0);
  left.resolve(kRightIp, {});
  right.resolve(kLeftIp, {});
  deliver(frames_of(right, {}), left);
  EXPECT_EQ(left.lookup(kRightIp), std::nullopt);
}

TEST(AddressResolution, SurvivesCutOffFrames) {
  AddressResolution left(kLeft, kLeftIp, 0), right(kRight, kRightIp, 0);
  left.resolve(kRightIp, {});
  const auto whole = frames_of(left, {}).at(0);
  for (size_t size = 0; size < 42; ++size) {
    const std::vector<uint8_t> cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    right.on_frame(cut.data(), cut.size());
    EXPECT_TRUE(frames_of(right, {}).empty());
  }
}

}  // namespace
}  // namespace railyard::lab
