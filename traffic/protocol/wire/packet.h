// SPDX-License-Identifier: BSD-3-Clause
// A frame as the datapaths handle it: 32 bytes, passed by value. roce_frame.h turns it into the bytes on the
// wire.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "traffic/units/quantity.h"

namespace railyard {

enum class PacketKind : uint8_t { Data, Ack, Nak, Cnp, Pfc };

namespace packet_flag {
constexpr uint8_t kFirst = 1;       // first packet of its message: carries a RETH
constexpr uint8_t kLast = 2;        // last packet of its message
constexpr uint8_t kAckRequest = 4;  // BTH AckReq
constexpr uint8_t kCorrupt = 8;     // of a descriptor: the ICRC will not fit
constexpr uint8_t kEcnEcho = 16;    // of an ACK or NAK: BTH BECN, for data that came with CE
constexpr uint8_t kRetires = 32;    // of a descriptor: the last packet of a flow that has no more messages
}  // namespace packet_flag

// ECN field, the low two bits of the TOS byte (RFC 3168 section 5).
namespace ecn {
constexpr uint8_t kMask = 3, kNotEct = 0, kEct1 = 1, kEct0 = 2, kCe = 3;
}

struct alignas(32) Packet {
  SimTime time;      // when the node that holds it may act on it
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

constexpr int packet_tail_shift(size_t offset) {
  return 8 * static_cast<int>(offset - offsetof(Packet, frame_bytes));
}

// The last eight bytes of a packet, from frame_bytes on, as one word. Datapaths change this word while they
// copy a packet: narrow stores into a packet that is then copied with wide loads stall the processor for as
// long as it takes to admit a packet.
class PacketTail {
 public:
  static PacketTail of(const Packet& p) {
    PacketTail t;
    std::memcpy(&t.word_, &p.frame_bytes, sizeof t.word_);
    return t;
  }

  uint32_t frame_bytes() const { return static_cast<uint16_t>(word_); }
  uint32_t ingress() const { return static_cast<uint16_t>(word_ >> kIngressShift); }
  uint32_t priority_group() const { return (word_ >> kClassShift) & 0xf; }
  uint8_t tos() const { return static_cast<uint8_t>(word_ >> kTosShift); }
  PacketKind kind() const { return static_cast<PacketKind>(static_cast<uint8_t>(word_ >> kKindShift)); }

  PacketTail stored_at(uint32_t ingress, uint8_t buffer_class) const {
    constexpr uint64_t kChanged = uint64_t{0xffff} << kIngressShift | uint64_t{0xff} << kClassShift;
    PacketTail t;
    t.word_ =
        (word_ & ~kChanged) | uint64_t{ingress} << kIngressShift | uint64_t{buffer_class} << kClassShift;
    return t;
  }
  PacketTail with_ce() const {
    PacketTail t;
    t.word_ = word_ | uint64_t{ecn::kCe} << kTosShift;
    return t;
  }

  // `from` with this tail, into a place that nobody reads at once.
  void copy(const Packet& from, Packet& to) const {
    std::memcpy(static_cast<void*>(&to), &from, offsetof(Packet, frame_bytes));
    std::memcpy(&to.frame_bytes, &word_, sizeof word_);
  }

 private:
  static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the shifts below are a little-endian machine's");
  static constexpr int kIngressShift = packet_tail_shift(offsetof(Packet, ingress));
  static constexpr int kTosShift = packet_tail_shift(offsetof(Packet, tos));
  static constexpr int kKindShift = packet_tail_shift(offsetof(Packet, kind));
  static constexpr int kClassShift = packet_tail_shift(offsetof(Packet, buffer_class));

  uint64_t word_ = 0;
};
static_assert(sizeof(Packet) - offsetof(Packet, frame_bytes) == sizeof(uint64_t));

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
constexpr uint16_t answer_frame_bytes(PacketKind kind) {
  return kind == PacketKind::Cnp ? kCnpFrame : kAckFrame;
}
}  // namespace wire

// How long a frame holds a link.
constexpr SimTime serialisation_time(uint32_t frame_bytes, int64_t ps_per_byte) {
  return {static_cast<int64_t>(frame_bytes + wire::kPreambleAndGap) * ps_per_byte};
}

}  // namespace railyard
