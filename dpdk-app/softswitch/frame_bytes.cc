// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/softswitch/frame_bytes.h"

#include <algorithm>

#include "traffic/protocol/wire/byte_order.h"
#include "traffic/protocol/wire/packet.h"
#include "traffic/protocol/wire/pfc_frame.h"
#include "traffic/protocol/wire/roce_frame.h"
#include "traffic/protocol/wire/roce_layout.h"

namespace railyard::lab {
namespace {

constexpr size_t kTypeOffset = 12;
constexpr uint8_t kIpVersionMask = 0xf0, kIpVersion4 = 0x40, kIpLengthMask = 0x0f;
// RC SEND and RDMA WRITE, first to only with immediate: what carries data [IBTA table 38].
constexpr uint8_t kLastDataOpcode = 0x0b;

size_t type_offset(const uint8_t* bytes) {
  return load_be16(bytes + kTypeOffset) == ethernet::kTypeVlan ? kTypeOffset + ethernet::kVlanTag
                                                               : kTypeOffset;
}

void read_roce(const uint8_t* ip, size_t size, FrameHeader& header) {
  const size_t length = size_t{4} * (ip[0] & kIpLengthMask);
  if (size < length + layout::kUdpHeader + layout::kBth || ip[layout::kIpProtocol] != layout::kIpProtocolUdp)
    return;
  const uint8_t* udp = ip + length;
  if (load_be16(udp + layout::kUdpDestination) != kRoceUdpPort) return;
  const uint8_t* bth = udp + layout::kUdpHeader;
  header.frame.is_data = bth[layout::kBthOpcode] <= kLastDataOpcode;
  header.udp_source_port = load_be16(udp + layout::kUdpSource);
  header.queue_pair = static_cast<uint32_t>(load_be(bth + layout::kBthDestinationQp, 3));
}

void read_pfc(const uint8_t* bytes, size_t size, Frame& frame) {
  const auto pause = decode_pause(bytes, size);
  if (!pause || !pause->per_priority) return;
  frame.is_pfc = true;
  frame.pause = {pause->enable_vector, pause->quanta};
}

}  // namespace

bool is_mac_control(const uint8_t* bytes, size_t size) {
  return size >= ethernet::kHeader && load_be16(bytes + kTypeOffset) == ethernet::kTypeMacControl;
}

bool relies_on_fcs(const uint8_t* bytes, size_t size) {
  if (size < ethernet::kHeader + ethernet::kVlanTag) return true;
  const uint16_t type = load_be16(bytes + type_offset(bytes));
  return type != ethernet::kTypeIpv4 && type != ethernet::kTypeIpv6;
}

bool read_header(const uint8_t* bytes, size_t size, FrameHeader& header) {
  if (size < ethernet::kHeader) return false;
  header.destination = load_be(bytes, 6);
  header.source = load_be(bytes + 6, 6);
  Frame& frame = header.frame;
  frame.bytes = static_cast<uint32_t>(std::max<size_t>(size + kFcsBytes, wire::kMinimumFrame));
  if (is_mac_control(bytes, size)) {
    read_pfc(bytes, size, frame);
    return true;
  }
  const size_t type = type_offset(bytes);
  const size_t ip = type + 2;
  if (size < ip + layout::kIpHeader || load_be16(bytes + type) != ethernet::kTypeIpv4) return true;
  if ((bytes[ip] & kIpVersionMask) != kIpVersion4) return true;
  header.is_incomplete = size < ip + load_be16(bytes + ip + layout::kIpTotalLength);
  frame.tos = bytes[ip + layout::kIpTos];
  header.destination_ip = load_be32(bytes + ip + layout::kIpDestination);
  read_roce(bytes + ip, size - ip, header);
  return true;
}

void write_ce(uint8_t* bytes) {
  uint8_t* ip = bytes + type_offset(bytes) + 2;
  const uint16_t before = load_be16(ip);
  ip[layout::kIpTos] |= ecn::kCe;
  const uint16_t after = load_be16(ip);
  uint32_t sum = static_cast<uint16_t>(~load_be16(ip + layout::kIpChecksum));
  sum += static_cast<uint32_t>(static_cast<uint16_t>(~before)) + after;
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  store_be16(ip + layout::kIpChecksum, static_cast<uint16_t>(~sum));
}

}  // namespace railyard::lab
