// SPDX-License-Identifier: BSD-3-Clause
// RoCEv2 frames to the byte: Ethernet, an optional 802.1Q tag, IPv4, UDP, the InfiniBand transport headers,
// ICRC. Without FCS, which the NIC adds: an untagged frame takes Packet::frame_bytes - 4, a tagged one 4
// more, where that does not fall below Ethernet's minimum. [IBTA Architecture Specification volume 1, chapter
// 9 and annex A17; RFC 791, 768; IEEE 802.1Q]
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include <tl/expected.hpp>

#include "traffic/protocol/wire/ethernet.h"
#include "traffic/protocol/wire/icrc.h"
#include "traffic/protocol/wire/packet.h"

namespace railyard {

constexpr uint16_t kRoceUdpPort = 4791;  // [IANA; IBTA annex A17.3.2]

// BTH opcodes of the reliable-connected service that are in use, and of the CNP [IBTA table 38, A17.9.3].
enum class RoceOpcode : uint8_t {
  WriteFirst = 0x06,
  WriteMiddle = 0x07,
  WriteLast = 0x08,
  WriteOnly = 0x0a,
  Acknowledge = 0x11,  // also NAK: the AETH tells
  Cnp = 0x81,
};

// AETH syndromes [IBTA tables 43 and 45].
constexpr uint8_t kSyndromeAck = 0x1f;          // credit count 31: end-to-end credits are not used
constexpr uint8_t kSyndromeNakSequence = 0x60;  // NAK code 0, PSN sequence error

struct VlanTag {
  uint16_t id = 0;       // 0: a priority tag
  uint8_t priority = 0;  // PCP
};

// Who talks to whom. Of a flow: from the sender of its data to the receiver; of a decoded frame: as it came.
struct FlowAddress {
  MacAddress source_mac{};
  MacAddress destination_mac{};
  uint32_t source_ip = 0;  // host byte order
  uint32_t destination_ip = 0;
  uint16_t udp_source_port = 0;
  uint32_t source_qp = 0;  // 24 bits. No RoCEv2 frame carries it: 0 in a decoded frame
  uint32_t destination_qp = 0;
  std::optional<VlanTag> vlan;
};

// The source port that makes equal-cost hashes see a flow's entropy: the dynamic ports' upper half-range,
// 0xC000 and the low 14 bits [IBTA annex A17.3.2 leaves the choice free; Linux's rdma_flow_label_to_udp_sport
// uses the same range].
constexpr uint16_t udp_source_port(uint32_t entropy) {
  return static_cast<uint16_t>(0xc000 | (entropy & 0x3fff));
}

// RDMA extended transport header: where a message goes in the receiver's memory.
struct Reth {
  uint64_t virtual_address = 0;
  uint32_t remote_key = 0;
  uint32_t dma_length = 0;  // of the whole message
};

// What a frame holds that its Packet does not.
struct FrameBody {
  const uint8_t* payload = nullptr;                   // null: zeros
  size_t payload_size = 0;                            // Data only
  Reth reth;                                          // first packets only
  uint32_t msn = 0;                                   // ACK and NAK: messages completed, 24 bits
  std::optional<uint16_t> identification;             // of IPv4; none: the low 16 bits of the PSN
  const ConstantPayloadIcrc* derived_icrc = nullptr;  // of the padded payload; null: the ICRC is computed
};

// Destination MAC to FCS, of a full packet that is its message's first.
constexpr uint32_t longest_frame_bytes(uint32_t mtu, bool tagged) {
  return wire::data_frame_bytes(mtu, true) + (tagged ? static_cast<uint32_t>(ethernet::kVlanTag) : 0);
}

// Writes `packet` and returns the frame's length; 0 where `capacity` is too small or packet.frame_bytes is
// not what the body needs. ACK, NAK and CNP answer `flow`, so they go from its destination to its source; a
// PFC packet needs flow.source_mac only. The IPv4 identification counts up, by PSN or by what the body says,
// as NICs let it: switches that drop by it (as in "RDMA over Commodity Ethernet at Scale", SIGCOMM 2016) find
// it.
size_t encode(const Packet& packet, const FlowAddress& flow, const FrameBody& body, uint8_t* out,
              size_t capacity);

struct DecodedFrame {
  // Written out, so that making one sets its members only: clearing all of it first, for every frame that
  // comes, took a sixth of decode()'s time.
  DecodedFrame() {}  // NOLINT(modernize-use-equals-default)

  PacketKind kind = PacketKind::Data;
  RoceOpcode opcode = RoceOpcode::WriteOnly;
  uint8_t flags = 0;  // packet_flag
  uint8_t tos = 0;
  uint8_t ttl = 0;
  uint16_t ip_identification = 0;
  FlowAddress address;
  uint16_t partition_key = 0;
  uint32_t psn = 0;  // 24 bits: see extend_psn
  bool fecn = false;
  bool becn = false;
  Reth reth;                         // where flags has kFirst
  uint8_t syndrome = 0;              // ACK and NAK
  uint32_t msn = 0;                  // ACK and NAK
  const uint8_t* payload = nullptr;  // within the decoded bytes, without padding
  size_t payload_size = 0;
  uint32_t frame_bytes = 0;  // with FCS and tag, as the frame stands on the wire
};

// Any bytes are safe to pass; nothing is read beyond `size`. Bytes after the packet (Ethernet padding, FCS)
// are ignored. A UDP checksum is not looked at: the ICRC covers the same bytes. It is what costs time, so
// that a receiver may leave it out.
enum class IcrcCheck : uint8_t { Verify, Skip };
tl::expected<DecodedFrame, DecodeError> decode(const uint8_t* frame, size_t size,
                                               IcrcCheck check = IcrcCheck::Verify);

// The 32-bit packet number nearest to `reference` whose low 24 bits are `wire24`.
constexpr uint32_t extend_psn(uint32_t wire24, uint32_t reference) {
  const uint32_t ahead = (wire24 - reference) & 0xffffff;
  return ahead < 0x800000 ? reference + ahead : reference + ahead - 0x1000000;
}

}  // namespace railyard
