// SPDX-License-Identifier: BSD-3-Clause
// Where the fields of a RoCEv2 frame stand; shared by encoder and decoder only.
#pragma once

#include <cstddef>
#include <cstdint>

#include "traffic/protocol/wire/byte_order.h"

namespace railyard::layout {

// IPv4, from its first byte [RFC 791 section 3.1].
constexpr size_t kIpHeader = 20;
constexpr size_t kIpTos = 1, kIpTotalLength = 2, kIpIdentification = 4, kIpFragment = 6, kIpTtl = 8;
constexpr size_t kIpProtocol = 9, kIpChecksum = 10, kIpSource = 12, kIpDestination = 16;
constexpr uint8_t kIpVersionAndLength = 0x45;
constexpr uint16_t kIpDontFragment = 0x4000;
constexpr uint16_t kIpFragmentMask = 0x3fff;  // more fragments, and the offset
constexpr uint8_t kIpProtocolUdp = 17;
constexpr uint8_t kTimeToLive = 64;  // [RFC 1700]

// UDP, from its first byte [RFC 768].
constexpr size_t kUdpHeader = 8;
constexpr size_t kUdpSource = 0, kUdpDestination = 2, kUdpLength = 4;

// Base transport header, from its first byte [IBTA 9.2].
constexpr size_t kBth = 12;
constexpr size_t kBthOpcode = 0, kBthFlags = 1, kBthPartitionKey = 2, kBthEcn = 4, kBthDestinationQp = 5;
constexpr size_t kBthAckRequest = 8, kBthPsn = 9;
constexpr uint8_t kBthMigrated = 0x40;  // a queue pair without an alternate path is "migrated" [IBTA 17.2.8]
constexpr uint32_t kBthPadShift = 4;
constexpr uint8_t kBthPadMask = 0x3, kBthVersionMask = 0x0f;
constexpr uint8_t kBthFecn = 0x80, kBthBecn = 0x40, kBthAckRequestBit = 0x80;
constexpr uint16_t kDefaultPartition = 0xffff;  // full member of the default partition [IBTA 10.9.1.2]

constexpr size_t kIcrc = 4;
constexpr size_t kHeaders = kIpHeader + kUdpHeader + kBth;

// The one's complement sum [RFC 1071]; over a header with its checksum in place it is 0. Two of the 16-bit
// words at a time: the carries may be added at the end (section 2). `size` is even.
inline uint16_t internet_checksum(const uint8_t* bytes, size_t size) {
  uint64_t sum = 0;
  size_t i = 0;
  for (; i + 4 <= size; i += 4) sum += load_be32(bytes + i);
  if (i < size) sum += load_be16(bytes + i);
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<uint16_t>(~sum);
}

}  // namespace railyard::layout
