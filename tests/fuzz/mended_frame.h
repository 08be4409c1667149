// SPDX-License-Identifier: BSD-3-Clause
// Makes a RoCEv2 frame of any bytes: what stands in the way of reaching the transport headers is put right.
#pragma once

#include <cstdint>
#include <vector>

#include "traffic/protocol/wire/byte_order.h"
#include "traffic/protocol/wire/roce_frame.h"
#include "traffic/protocol/wire/roce_layout.h"

namespace railyard::fuzz {

// Writes EtherType, IPv4 and UDP headers, as far as they are not addresses, and the ICRC. A frame that is
// tagged stays so; one that is too short or too long is left alone.
inline void mend(std::vector<uint8_t>& frame) {
  using namespace layout;
  constexpr size_t kLongest = 0xffff;
  if (frame.size() < ethernet::kHeader) return;
  size_t start = ethernet::kHeader;
  if (load_be16(frame.data() + start - 2) == ethernet::kTypeVlan) start += ethernet::kVlanTag;
  if (frame.size() < start + kHeaders + kIcrc || frame.size() > start + kLongest) return;
  uint8_t* ip = frame.data() + start;
  const auto length = static_cast<uint16_t>(frame.size() - start);
  store_be16(ip - 2, ethernet::kTypeIpv4);
  ip[0] = kIpVersionAndLength;
  store_be16(ip + kIpTotalLength, length);
  store_be16(ip + kIpFragment, kIpDontFragment);
  ip[kIpProtocol] = kIpProtocolUdp;
  store_be16(ip + kIpHeader + kUdpDestination, kRoceUdpPort);
  store_be16(ip + kIpHeader + kUdpLength, static_cast<uint16_t>(length - kIpHeader));
  store_be16(ip + kIpChecksum, 0);
  store_be16(ip + kIpChecksum, internet_checksum(ip, kIpHeader));
  const uint32_t crc = icrc(ip, length - kIcrc);
  for (size_t i = 0; i < kIcrc; ++i) ip[length - kIcrc + i] = static_cast<uint8_t>(crc >> (8 * i));
}

}  // namespace railyard::fuzz
