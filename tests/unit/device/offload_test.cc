// SPDX-License-Identifier: BSD-3-Clause
// What a kernel left to offload ends as frames that a receiver without offload takes: each checksum is
// verified from the RFCs' text, apart from the code that made it.
#include "dpdk-app/device/offload.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include "traffic/protocol/wire/byte_order.h"

namespace railyard::lab {
namespace {

using Bytes = std::vector<uint8_t>;

constexpr size_t kEthernet = 14, kIpv4 = 20, kIpv6 = 40, kTcp = 32, kUdp = 8;  // TCP with timestamps
constexpr uint8_t kTcpProtocol = 6, kUdpProtocol = 17;
constexpr uint8_t kFin = 1, kPsh = 8, kAck = 16, kCwr = 128;
constexpr uint32_t kSequence = 0xfffffff0;  // it wraps around
constexpr uint16_t kIdentification = 0xfffe;

uint32_t sum_of(const uint8_t* bytes, size_t size) {
  uint32_t sum = 0;
  for (size_t i = 0; i < size; ++i) sum += i % 2 == 0 ? uint32_t{bytes[i]} << 8 : bytes[i];
  return sum;
}

uint16_t folded(uint32_t sum) {
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<uint16_t>(sum);
}

struct Kind {
  bool ipv4, tcp;
  size_t ip() const { return ipv4 ? kIpv4 : kIpv6; }
  size_t transport() const { return kEthernet + ip(); }
  size_t headers() const { return transport() + (tcp ? kTcp : kUdp); }
  size_t checksum() const { return tcp ? 16 : 6; }
};

// RFC 9293 section 3.1, RFC 768, RFC 8200 section 8.1.
uint32_t pseudo_header_sum(const Kind& kind, const Bytes& frame) {
  const size_t addresses = kEthernet + (kind.ipv4 ? 12 : 8), size = kind.ipv4 ? 8 : 32;
  return sum_of(frame.data() + addresses, size) + (kind.tcp ? kTcpProtocol : kUdpProtocol) +
         static_cast<uint32_t>(frame.size() - kind.transport());
}

// As a kernel hands it on.
Bytes large_frame(const Kind& kind, size_t payload) {
  Bytes frame(kind.headers() + payload);
  std::iota(frame.begin(), frame.end(), uint8_t{3});
  uint8_t* ip = frame.data() + kEthernet;
  store_be16(ip - 2, kind.ipv4 ? 0x0800 : 0x86dd);
  ip[0] = kind.ipv4 ? 0x45 : 0x60;
  store_be16(ip + 4, kind.ipv4 ? kIdentification : static_cast<uint16_t>(frame.size() - kEthernet - kIpv6));
  if (kind.ipv4) store_be16(ip + 2, static_cast<uint16_t>(frame.size() - kEthernet));
  uint8_t* transport = frame.data() + kind.transport();
  if (kind.tcp) {
    store_be32(transport + 4, kSequence);
    transport[12] = (kTcp / 4) << 4;
    transport[13] = kFin | kPsh | kAck | kCwr;
  } else {
    store_be16(transport + 4, static_cast<uint16_t>(frame.size() - kind.transport()));
  }
  store_be16(transport + kind.checksum(), folded(pseudo_header_sum(kind, frame)));
  return frame;
}

OffloadAccount account_of(const Kind& kind, uint16_t payload) {
  OffloadAccount account;
  account.flags = OffloadAccount::kNeedsChecksum;
  account.kind = !kind.tcp   ? OffloadAccount::kUdp
                 : kind.ipv4 ? OffloadAccount::kTcpIpv4 | OffloadAccount::kEcnBit
                             : OffloadAccount::kTcpIpv6;
  account.segment_payload = payload;
  account.checksum_start = static_cast<uint16_t>(kind.transport());
  account.checksum_offset = static_cast<uint16_t>(kind.checksum());
  return account;
}

std::vector<Bytes> cut(const Kind& kind, const Bytes& large, uint16_t payload) {
  std::vector<Bytes> frames;
  const auto segments = Segmentation::of(large.data(), large.size(), account_of(kind, payload));
  for (size_t i = 0; segments && i < segments->count(); ++i) {
    frames.emplace_back(segments->size(i));
    segments->write(i, frames.back().data());
  }
  return frames;
}

void expect_valid(const Kind& kind, const Bytes& frame) {
  const uint8_t* ip = frame.data() + kEthernet;
  const size_t length = frame.size() - kEthernet;
  EXPECT_EQ(load_be16(ip + (kind.ipv4 ? 2 : 4)), kind.ipv4 ? length : length - kIpv6);
  if (kind.ipv4) {
    EXPECT_EQ(folded(sum_of(ip, kIpv4)), 0xffff);
  }
  const size_t transport = kind.transport();
  if (!kind.tcp) {
    EXPECT_EQ(load_be16(frame.data() + transport + 4), frame.size() - transport);
  }
  EXPECT_EQ(
      folded(sum_of(frame.data() + transport, frame.size() - transport) + pseudo_header_sum(kind, frame)),
      0xffff);
}

class OffloadTest : public testing::TestWithParam<Kind> {};

INSTANTIATE_TEST_SUITE_P(Kinds, OffloadTest,
                         testing::Values(Kind{true, true}, Kind{false, true}, Kind{true, false},
                                         Kind{false, false}));

TEST_P(OffloadTest, ALargeFrameIsCutIntoValidOnesThatCarryAllOfIt) {
  const Kind kind = GetParam();
  for (const size_t payload : {1u, 1'447u, 1'448u, 1'449u, 2'896u, 40'001u, 65'000u}) {
    const Bytes large = large_frame(kind, payload);
    const std::vector<Bytes> frames = cut(kind, large, 1'448);
    ASSERT_EQ(frames.size(), (payload + 1'447) / 1'448);
    Bytes carried;
    for (const Bytes& frame : frames) {
      expect_valid(kind, frame);
      EXPECT_LE(frame.size(), kind.headers() + 1'448);
      carried.insert(carried.end(), frame.begin() + static_cast<ptrdiff_t>(kind.headers()), frame.end());
    }
    EXPECT_TRUE(std::equal(carried.begin(), carried.end(),
                           large.begin() + static_cast<ptrdiff_t>(kind.headers()), large.end()));
  }
}

TEST_P(OffloadTest, AChecksumIsCompleted) {
  const Kind kind = GetParam();
  for (size_t payload = 0; payload < 40; ++payload) {
    Bytes frame = large_frame(kind, payload);
    ASSERT_TRUE(complete_checksum(frame.data(), frame.size(), kind.transport(), kind.checksum()));
    EXPECT_EQ(folded(sum_of(frame.data() + kind.transport(), frame.size() - kind.transport()) +
                     pseudo_header_sum(kind, frame)),
              0xffff);
    if (!kind.tcp) {
      EXPECT_NE(load_be16(frame.data() + kind.transport() + kind.checksum()), 0);
    }
  }
}

TEST(Offload, TheStreamsFlagsStandWhereTheyBelong) {
  const Kind kind{true, true};
  const std::vector<Bytes> frames = cut(kind, large_frame(kind, 3'000), 1'000);
  ASSERT_EQ(frames.size(), 3u);
  const uint8_t flags[] = {kAck | kCwr, kAck, kFin | kPsh | kAck};
  for (size_t i = 0; i < frames.size(); ++i) {
    const uint8_t* ip = frames[i].data() + kEthernet;
    EXPECT_EQ(ip[kIpv4 + 13], flags[i]);
    EXPECT_EQ(load_be32(ip + kIpv4 + 4), static_cast<uint32_t>(kSequence + 1'000 * i));
    EXPECT_EQ(load_be16(ip + 4), static_cast<uint16_t>(kIdentification + i));
  }
}

TEST(Offload, WhatIsNotAsItsAccountSaysIsLeftAlone) {
  const Kind kind{true, true};
  const Bytes large = large_frame(kind, 3'000);
  const auto is_cut = [&](const Bytes& frame, const OffloadAccount& account) {
    return Segmentation::of(frame.data(), frame.size(), account).has_value();
  };
  EXPECT_TRUE(is_cut(large, account_of(kind, 1'448)));
  EXPECT_FALSE(is_cut(large, account_of(kind, 0)));
  OffloadAccount account = account_of(kind, 1'448);
  account.kind = 3;  // UDP fragmentation, which Linux has no more
  EXPECT_FALSE(is_cut(large, account));
  account = account_of(kind, 1'448);
  account.flags = 0;
  EXPECT_FALSE(is_cut(large, account));
  account = account_of(kind, 1'448);
  account.checksum_start =
      static_cast<uint16_t>(account.checksum_start + 50);  // another frame's, in a tunnel
  EXPECT_FALSE(is_cut(large, account));
  for (size_t size = 0; size <= kind.headers(); ++size) {
    const Bytes head(large.begin(), large.begin() + static_cast<ptrdiff_t>(size));
    EXPECT_FALSE(is_cut(head, account_of(kind, 1'448))) << size;
  }
  Bytes shortest(20);
  EXPECT_FALSE(complete_checksum(shortest.data(), shortest.size(), 10, 9));
}

}  // namespace
}  // namespace railyard::lab
