// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>

#include "traffic/protocol/wire/byte_order.h"
#include "traffic/protocol/wire/icrc.h"
#include "traffic/protocol/wire/pfc_frame.h"
#include "traffic/protocol/wire/roce_frame.h"
#include "traffic/protocol/wire/roce_layout.h"

namespace railyard {
namespace {

using namespace layout;

bool is_first(const Packet& packet) {
  return packet.kind == PacketKind::Data && (packet.flags & packet_flag::kFirst) != 0;
}

RoceOpcode opcode_of(const Packet& packet) {
  if (packet.kind == PacketKind::Cnp) return RoceOpcode::Cnp;
  if (packet.kind != PacketKind::Data) return RoceOpcode::Acknowledge;
  const bool last = (packet.flags & packet_flag::kLast) != 0;
  if (is_first(packet)) return last ? RoceOpcode::WriteOnly : RoceOpcode::WriteFirst;
  return last ? RoceOpcode::WriteLast : RoceOpcode::WriteMiddle;
}

size_t padded(size_t payload) {
  return (payload + 3) & ~size_t{3};
}

// Bytes between BTH and ICRC.
size_t content_size(const Packet& packet, const FrameBody& body) {
  switch (packet.kind) {
    case PacketKind::Cnp:
      return wire::kCnpPayload;
    case PacketKind::Data:
      return (is_first(packet) ? wire::kReth : 0) + padded(body.payload_size);
    default:
      return wire::kAeth;
  }
}

FlowAddress reversed(const FlowAddress& flow) {
  return {flow.destination_mac, flow.source_mac,     flow.destination_ip, flow.source_ip,
          flow.udp_source_port, flow.destination_qp, flow.source_qp,      flow.vlan};
}

// Returns the length written.
size_t write_ethernet(uint8_t* out, const FlowAddress& from_to) {
  std::copy(from_to.destination_mac.begin(), from_to.destination_mac.end(), out);
  std::copy(from_to.source_mac.begin(), from_to.source_mac.end(), out + 6);
  size_t type = ethernet::kHeader - 2;
  if (from_to.vlan) {
    const uint32_t pcp = from_to.vlan->priority & 7u;
    store_be16(out + type, ethernet::kTypeVlan);
    store_be16(out + type + 2, static_cast<uint16_t>(pcp << 13 | (from_to.vlan->id & 0xfffu)));
    type += ethernet::kVlanTag;
  }
  store_be16(out + type, ethernet::kTypeIpv4);
  return type + 2;
}

// The checksum is summed from the values: reading back bytes that were just written apart stalls the
// processor for longer than all else takes.
void write_ipv4(uint8_t* ip, uint8_t tos, const FlowAddress& from_to, uint16_t identification,
                size_t total_length) {
  const auto halves = [](uint32_t word) { return (word >> 16) + (word & 0xffff); };
  uint32_t sum = (kIpVersionAndLength << 8 | tos) + static_cast<uint32_t>(total_length) + identification +
                 kIpDontFragment + (kTimeToLive << 8 | kIpProtocolUdp) + halves(from_to.source_ip) +
                 halves(from_to.destination_ip);
  while (sum >> 16 != 0) sum = halves(sum);
  ip[0] = kIpVersionAndLength;
  ip[kIpTos] = tos;
  store_be16(ip + kIpTotalLength, static_cast<uint16_t>(total_length));
  store_be16(ip + kIpIdentification, identification);
  store_be16(ip + kIpFragment, kIpDontFragment);
  ip[kIpTtl] = kTimeToLive;
  ip[kIpProtocol] = kIpProtocolUdp;
  store_be16(ip + kIpChecksum, static_cast<uint16_t>(~sum));
  store_be32(ip + kIpSource, from_to.source_ip);
  store_be32(ip + kIpDestination, from_to.destination_ip);
}

void write_udp(uint8_t* udp, const FlowAddress& from_to, size_t length) {
  store_be16(udp + kUdpSource, from_to.udp_source_port);
  store_be16(udp + kUdpDestination, kRoceUdpPort);
  store_be16(udp + kUdpLength, static_cast<uint16_t>(length));
  store_be16(udp + kUdpLength + 2, 0);  // no checksum [IBTA annex A17.3.2]
}

void write_bth(uint8_t* bth, const Packet& packet, const FlowAddress& from_to, size_t pad) {
  const bool cnp = packet.kind == PacketKind::Cnp;
  const bool ack_request = packet.kind == PacketKind::Data && (packet.flags & packet_flag::kAckRequest) != 0;
  bth[kBthOpcode] = static_cast<uint8_t>(opcode_of(packet));
  bth[kBthFlags] = static_cast<uint8_t>((cnp ? 0 : kBthMigrated) | pad << kBthPadShift);
  store_be16(bth + kBthPartitionKey, kDefaultPartition);
  const bool echo = packet.kind != PacketKind::Data && (packet.flags & packet_flag::kEcnEcho) != 0;
  bth[kBthEcn] = cnp || echo ? kBthBecn : 0;
  store_be24(bth + kBthDestinationQp, from_to.destination_qp);
  bth[kBthAckRequest] = ack_request ? kBthAckRequestBit : 0;
  store_be24(bth + kBthPsn, cnp ? 0 : packet.psn);
}

void write_data(uint8_t* out, const Packet& packet, const FrameBody& body) {
  if (is_first(packet)) {
    store_be64(out, body.reth.virtual_address);
    store_be32(out + 8, body.reth.remote_key);
    store_be32(out + 12, body.reth.dma_length);
    out += wire::kReth;
  }
  if (body.payload != nullptr) {
    std::copy_n(body.payload, body.payload_size, out);
  } else {
    std::fill_n(out, body.payload_size, 0);
  }
  std::fill_n(out + body.payload_size, padded(body.payload_size) - body.payload_size, 0);
}

void write_content(uint8_t* out, const Packet& packet, const FrameBody& body) {
  switch (packet.kind) {
    case PacketKind::Data:
      write_data(out, packet, body);
      break;
    case PacketKind::Cnp:
      std::fill_n(out, wire::kCnpPayload, 0);
      break;
    default:
      out[0] = packet.kind == PacketKind::Nak ? kSyndromeNakSequence : kSyndromeAck;
      store_be24(out + 1, body.msn);
  }
}

}  // namespace

size_t encode(const Packet& packet, const FlowAddress& flow, const FrameBody& body, uint8_t* out,
              size_t capacity) {
  if (packet.kind == PacketKind::Pfc) {
    return encode(pause_frame_of(packet, flow.source_mac), out, capacity);
  }
  const size_t payload = packet.kind == PacketKind::Data ? body.payload_size : 0;
  const size_t content = content_size(packet, body);
  const size_t ip_length = kHeaders + content + kIcrc;
  const size_t untagged = std::max(ethernet::kHeader + ip_length, ethernet::kMinimumNoFcs);
  const size_t link_header = ethernet::kHeader + (flow.vlan ? ethernet::kVlanTag : 0);
  const size_t length = std::max(link_header + ip_length, ethernet::kMinimumNoFcs);
  if (packet.frame_bytes != untagged + 4 || length > capacity) return 0;

  FlowAddress back;
  if (packet.kind != PacketKind::Data) back = reversed(flow);
  const FlowAddress& from_to = packet.kind == PacketKind::Data ? flow : back;
  uint8_t* const ip = out + write_ethernet(out, from_to);
  uint8_t* const bth = ip + kIpHeader + kUdpHeader;
  const uint16_t identification = body.identification.value_or(static_cast<uint16_t>(packet.psn));
  write_ipv4(ip, packet.tos, from_to, identification, ip_length);
  write_udp(ip + kIpHeader, from_to, ip_length - kIpHeader);
  write_bth(bth, packet, from_to, padded(payload) - payload);
  write_content(bth + kBth, packet, body);

  const uint32_t crc = body.derived_icrc != nullptr
                           ? body.derived_icrc->icrc(ip, kHeaders + content - padded(payload))
                           : icrc(ip, kHeaders + content);
  uint8_t* end = bth + kBth + content;
  for (size_t i = 0; i < kIcrc; ++i) *end++ = static_cast<uint8_t>(crc >> (8 * i));
  std::fill(end, out + length, 0);
  return length;
}

}  // namespace railyard
