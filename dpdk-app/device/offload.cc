// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/device/offload.h"

#include <rte_ip.h>

#include <algorithm>
#include <cstring>

#include "traffic/protocol/wire/byte_order.h"
#include "traffic/protocol/wire/ethernet.h"

namespace railyard::lab {
namespace {

// From the header's first byte [RFC 791, RFC 8200, RFC 9293, RFC 768].
constexpr uint8_t kIpv4WordsMask = 0x0f;
constexpr size_t kIpv4Header = 20, kIpv4Length = 2, kIpv4Identification = 4, kIpv4Checksum = 10;
constexpr size_t kIpv6Header = 40, kIpv6Length = 4;
constexpr size_t kTcpHeader = 20, kTcpSequence = 4, kTcpWords = 12, kTcpFlags = 13, kTcpChecksum = 16;
constexpr uint8_t kFin = 0x01, kPsh = 0x08, kCwr = 0x80;
constexpr size_t kUdpHeader = 8, kUdpLength = 4, kUdpChecksum = 6;

// One's complement sums do not mind the order of bytes, as long as it is one [RFC 1071 section 2 (B)].
uint16_t fold(uint32_t sum) {
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<uint16_t>(sum);
}

}  // namespace

bool complete_checksum(uint8_t* frame, size_t size, size_t start, size_t offset) {
  if (start + offset + sizeof(uint16_t) > size) return false;
  auto sum = static_cast<uint16_t>(~rte_raw_cksum(frame + start, size - start));
  // To UDP a zero says that there is no checksum [RFC 768].
  if (sum == 0 && offset == kUdpChecksum) sum = 0xffff;
  std::memcpy(frame + start + offset, &sum, sizeof sum);
  return true;
}

std::optional<Segmentation> Segmentation::of(const uint8_t* frame, size_t size,
                                             const OffloadAccount& account) {
  Segmentation of;
  of.frame_ = frame;
  of.size_ = size;
  of.transport_ = account.checksum_start;
  of.checksum_ = account.checksum_offset;
  of.payload_ = account.segment_payload;
  const uint8_t kind = account.kind & static_cast<uint8_t>(~OffloadAccount::kEcnBit);
  of.is_tcp_ = kind == OffloadAccount::kTcpIpv4 || kind == OffloadAccount::kTcpIpv6;
  const bool is_known = of.is_tcp_ || kind == OffloadAccount::kUdp;
  const bool has_checksum = (account.flags & OffloadAccount::kNeedsChecksum) != 0 &&
                            of.checksum_ == (of.is_tcp_ ? kTcpChecksum : kUdpChecksum);
  if (!is_known || !has_checksum || of.payload_ == 0 || size < ethernet::kHeader + kIpv4Header)
    return std::nullopt;

  const bool is_tagged = load_be16(frame + ethernet::kHeader - 2) == ethernet::kTypeVlan;
  of.ip_ = ethernet::kHeader + (is_tagged ? ethernet::kVlanTag : 0);
  of.is_ipv4_ = load_be16(frame + of.ip_ - 2) == ethernet::kTypeIpv4;
  const size_t transport_header = of.is_tcp_ ? kTcpHeader : kUdpHeader;
  if (of.ip_ + kIpv4Header > size || of.transport_ + transport_header > size) return std::nullopt;
  // Behind other headers than these it is another frame's, in a tunnel.
  const size_t ip_header = of.is_ipv4_ ? size_t{4} * (frame[of.ip_] & kIpv4WordsMask) : kIpv6Header;
  if (of.transport_ != of.ip_ + ip_header) return std::nullopt;
  const size_t options_end = size_t{4} * (of.is_tcp_ ? frame[of.transport_ + kTcpWords] >> 4 : 0);
  of.headers_ = of.transport_ + std::max(transport_header, options_end);
  if (of.headers_ >= size || size - of.transport_ > UINT16_MAX) return std::nullopt;
  return of;
}

size_t Segmentation::size(size_t index) const {
  return headers_ + std::min(payload_, size_ - headers_ - index * payload_);
}

void Segmentation::write(size_t index, uint8_t* to) const {
  const size_t size = this->size(index);
  std::memcpy(to, frame_, headers_);
  std::memcpy(to + headers_, frame_ + headers_ + index * payload_, size - headers_);
  amend_ip(index, to);
  uint8_t* transport = to + transport_;
  if (is_tcp_)
    amend_tcp(index, transport);
  else
    store_be16(transport + kUdpLength, static_cast<uint16_t>(size - transport_));

  // The pseudo header's sum has the large frame's length in it.
  const auto length_before = static_cast<uint16_t>(size_ - transport_);
  const auto length = static_cast<uint16_t>(size - transport_);
  uint8_t* checksum = transport + checksum_;
  const auto without = static_cast<uint16_t>(~length_before);
  store_be16(checksum, fold(uint32_t{load_be16(checksum)} + without + length));
  complete_checksum(to, size, transport_, checksum_);
}

void Segmentation::amend_ip(size_t index, uint8_t* to) const {
  uint8_t* ip = to + ip_;
  const size_t length = size(index) - ip_;
  if (!is_ipv4_) {
    store_be16(ip + kIpv6Length, static_cast<uint16_t>(length - kIpv6Header));
    return;
  }
  store_be16(ip + kIpv4Length, static_cast<uint16_t>(length));
  const uint16_t first = load_be16(ip + kIpv4Identification);
  store_be16(ip + kIpv4Identification, static_cast<uint16_t>(first + index));
  store_be16(ip + kIpv4Checksum, 0);
  complete_checksum(ip, transport_ - ip_, 0, kIpv4Checksum);
}

// What ends or hurries the stream stands at its end, and what answers an echo of congestion at its beginning
// [RFC 3168 section 6.1.2].
void Segmentation::amend_tcp(size_t index, uint8_t* tcp) const {
  store_be32(tcp + kTcpSequence, load_be32(tcp + kTcpSequence) + static_cast<uint32_t>(index * payload_));
  if (index + 1 < count()) tcp[kTcpFlags] &= static_cast<uint8_t>(~(kFin | kPsh));
  if (index > 0) tcp[kTcpFlags] &= static_cast<uint8_t>(~kCwr);
}

}  // namespace railyard::lab
