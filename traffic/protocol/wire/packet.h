// SPDX-License-Identifier: BSD-3-Clause
// A frame as the datapaths handle it: 32 bytes, passed by value. roce_frame.h turns it into the bytes on the
// wire.
#pragma once

#include <cstdint>

namespace railyard {

enum class PacketKind : uint8_t { Data, Ack, Nak, Cnp, Pfc };

namespace packet_flag {
constexpr uint8_t kFirst = 1;       // first packet of its message: carries a RETH
constexpr uint8_t kLast = 2;        // last packet of its message
constexpr uint8_t kAckRequest = 4;  // BTH AckReq
}  // namespace packet_flag

// ECN field, the low two bits of the TOS byte (RFC 3168 section 5).
namespace ecn {
constexpr uint8_t kMask = 3, kNotEct = 0, kEct1 = 1, kEct0 = 2, kCe = 3;
}

struct alignas(32) Packet {
  int64_t time_ps;   // when the node that holds it may act on it
  uint32_t flow;     // index in the flow table; ACK, NAK and CNP carry the flow they answer. Pfc: unused
  uint32_t psn;      // Data: its own; Ack: last in order; Nak: first missing. Pfc: pause quanta (0 resumes)
  uint32_t entropy;  // hash of the 5-tuple, the same along the path. Pfc: priority-enable vector
  uint32_t dst;      // endpoint (NIC port) it is for
  uint16_t frame_bytes;  // destination MAC to FCS
  uint16_t ingress;      // port by which it entered the node that holds it
  uint8_t tos;           // DSCP and ECN
  PacketKind kind;
  uint8_t flags;  // packet_flag
  uint8_t
      buffer_class;  // in the node that holds it: priority group (low 4 bits) and egress queue (high 4 bits)
};
static_assert(sizeof(Packet) == 32);

// Lengths that have nothing to do with a packet's content. [IEEE 802.3 clause 3.1.1, 4.4.2; IBTA annex A17]
namespace wire {
constexpr uint32_t kPreambleAndGap = 20;  // 8 B preamble and start delimiter, 12 B inter-packet gap
constexpr uint32_t kRoceOverhead = 14 + 20 + 8 + 12 + 4 + 4;  // Ethernet, IPv4, UDP, BTH, ICRC, FCS
constexpr uint32_t kReth = 16;
constexpr uint32_t kAeth = 4;
constexpr uint32_t kCnpPayload = 16;  // reserved, zero [IBTA annex A17.9.3]
constexpr uint32_t kMinimumFrame = 64;

// The payload is padded to a multiple of 4 [IBTA 9.2.6, PadCnt].
constexpr uint32_t data_frame_bytes(uint32_t payload, bool first) {
  const uint32_t n = kRoceOverhead + ((payload + 3) & ~3u) + (first ? kReth : 0);
  return n < kMinimumFrame ? kMinimumFrame : n;
}
constexpr uint32_t kAckFrame = kRoceOverhead + kAeth;  // also NAK
constexpr uint32_t kCnpFrame = kRoceOverhead + kCnpPayload;
constexpr uint32_t kPfcFrame = kMinimumFrame;
}  // namespace wire

// How long a frame holds a link.
constexpr int64_t serialisation_ps(uint32_t frame_bytes, int64_t ps_per_byte) {
  return static_cast<int64_t>(frame_bytes + wire::kPreambleAndGap) * ps_per_byte;
}

}  // namespace railyard
