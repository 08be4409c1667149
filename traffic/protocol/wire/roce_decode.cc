// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>

#include "traffic/protocol/wire/byte_order.h"
#include "traffic/protocol/wire/icrc.h"
#include "traffic/protocol/wire/roce_frame.h"
#include "traffic/protocol/wire/roce_layout.h"

namespace railyard {
namespace {

using namespace layout;
using Step = tl::expected<void, DecodeError>;

tl::unexpected<DecodeError> fail(DecodeError error) {
  return tl::unexpected<DecodeError>(error);
}

// The layers of one frame, taken off from the outside in. Each step may rely on those before it.
class Decoder {
 public:
  Decoder(const uint8_t* frame, size_t size, IcrcCheck check, DecodedFrame& out)
      : frame_(frame), size_(size), check_(check), out_(out) {}

  Step run() {
    return read_ethernet()
        .and_then([this] { return read_ipv4(); })
        .and_then([this] { return read_udp(); })
        .and_then([this] { return check_icrc(); })
        .and_then([this] { return read_bth(); })
        .and_then([this] { return read_content(); });
  }

 private:
  Step read_ethernet() {
    if (size_ < ethernet::kHeader) return fail(DecodeError::Truncated);
    std::copy_n(frame_, 6, out_.address.destination_mac.begin());
    std::copy_n(frame_ + 6, 6, out_.address.source_mac.begin());
    size_t type = ethernet::kHeader - 2;
    if (load_be16(frame_ + type) == ethernet::kTypeVlan) {
      if (size_ < ethernet::kHeader + ethernet::kVlanTag) return fail(DecodeError::Truncated);
      const uint16_t tag = load_be16(frame_ + type + 2);
      out_.address.vlan = VlanTag{static_cast<uint16_t>(tag & 0xfff), static_cast<uint8_t>(tag >> 13)};
      type += ethernet::kVlanTag;
    }
    if (load_be16(frame_ + type) != ethernet::kTypeIpv4) return fail(DecodeError::WrongEtherType);
    ip_ = frame_ + type + 2;
    return {};
  }

  Step read_ipv4() {
    const size_t left = size_ - static_cast<size_t>(ip_ - frame_);
    if (left < kIpHeader) return fail(DecodeError::Truncated);
    if (ip_[0] != kIpVersionAndLength) return fail(DecodeError::BadIpHeader);
    if (internet_checksum(ip_, kIpHeader) != 0) return fail(DecodeError::BadIpChecksum);
    ip_length_ = load_be16(ip_ + kIpTotalLength);
    if (ip_length_ < kIpHeader) return fail(DecodeError::BadIpHeader);
    if (ip_length_ > left) return fail(DecodeError::Truncated);
    if ((load_be16(ip_ + kIpFragment) & kIpFragmentMask) != 0) return fail(DecodeError::Fragmented);
    if (ip_[kIpProtocol] != kIpProtocolUdp) return fail(DecodeError::NotUdp);
    out_.tos = ip_[kIpTos];
    out_.ttl = ip_[kIpTtl];
    out_.ip_identification = load_be16(ip_ + kIpIdentification);
    out_.address.source_ip = load_be32(ip_ + kIpSource);
    out_.address.destination_ip = load_be32(ip_ + kIpDestination);
    return {};
  }

  Step read_udp() {
    if (ip_length_ < kIpHeader + kUdpHeader) return fail(DecodeError::Truncated);
    const uint8_t* udp = ip_ + kIpHeader;
    if (load_be16(udp + kUdpDestination) != kRoceUdpPort) return fail(DecodeError::WrongUdpPort);
    if (load_be16(udp + kUdpLength) != ip_length_ - kIpHeader) return fail(DecodeError::BadIpHeader);
    out_.address.udp_source_port = load_be16(udp + kUdpSource);
    return {};
  }

  Step check_icrc() {
    if (ip_length_ < kHeaders + kIcrc) return fail(DecodeError::Truncated);
    const size_t covered = ip_length_ - kIcrc;
    const uint8_t* stored = ip_ + covered;
    uint32_t expected = 0;
    for (size_t i = 0; i < kIcrc; ++i) expected |= uint32_t{stored[i]} << (8 * i);
    if (check_ == IcrcCheck::Verify && icrc(ip_, covered) != expected) return fail(DecodeError::BadIcrc);
    content_ = ip_ + kHeaders;
    content_size_ = covered - kHeaders;
    const size_t on_wire = static_cast<size_t>(ip_ - frame_) + ip_length_;
    out_.frame_bytes = static_cast<uint32_t>(std::max(on_wire, ethernet::kMinimumNoFcs) + 4);
    return {};
  }

  Step read_bth() {
    const uint8_t* bth = ip_ + kIpHeader + kUdpHeader;
    if ((bth[kBthFlags] & kBthVersionMask) != 0) return fail(DecodeError::BadTransportVersion);
    pad_ = bth[kBthFlags] >> kBthPadShift & kBthPadMask;
    out_.opcode = static_cast<RoceOpcode>(bth[kBthOpcode]);
    out_.partition_key = load_be16(bth + kBthPartitionKey);
    out_.fecn = (bth[kBthEcn] & kBthFecn) != 0;
    out_.becn = (bth[kBthEcn] & kBthBecn) != 0;
    out_.address.destination_qp = load_be24(bth + kBthDestinationQp);
    if ((bth[kBthAckRequest] & kBthAckRequestBit) != 0) out_.flags |= packet_flag::kAckRequest;
    out_.psn = load_be24(bth + kBthPsn);
    return {};
  }

  Step read_content() {
    switch (out_.opcode) {
      case RoceOpcode::WriteFirst:
        return read_first(packet_flag::kFirst);
      case RoceOpcode::WriteOnly:
        return read_first(packet_flag::kFirst | packet_flag::kLast);
      case RoceOpcode::WriteMiddle:
        return read_payload(0);
      case RoceOpcode::WriteLast:
        return read_payload(packet_flag::kLast);
      case RoceOpcode::Acknowledge:
        return read_aeth();
      case RoceOpcode::Cnp:
        return read_cnp();
    }
    return fail(DecodeError::UnsupportedOpcode);
  }

  Step read_first(uint8_t flags) {
    if (content_size_ < wire::kReth) return fail(DecodeError::Truncated);
    out_.reth = {load_be64(content_), load_be32(content_ + 8), load_be32(content_ + 12)};
    content_ += wire::kReth;
    content_size_ -= wire::kReth;
    return read_payload(flags);
  }

  Step read_payload(uint8_t flags) {
    if (pad_ > content_size_) return fail(DecodeError::BadPadCount);
    out_.kind = PacketKind::Data;
    out_.flags |= flags;
    out_.payload = content_;
    out_.payload_size = content_size_ - pad_;
    return {};
  }

  Step read_aeth() {
    if (content_size_ < wire::kAeth) return fail(DecodeError::Truncated);
    out_.syndrome = content_[0];
    out_.msn = load_be24(content_ + 1);
    // Bits 7 to 5: 0 is an ACK with a credit count below [IBTA table 43].
    const bool ack = out_.syndrome >> 5 == 0;
    if (!ack && out_.syndrome != kSyndromeNakSequence) return fail(DecodeError::UnsupportedSyndrome);
    out_.kind = ack ? PacketKind::Ack : PacketKind::Nak;
    if (out_.becn) out_.flags |= packet_flag::kEcnEcho;
    return {};
  }

  Step read_cnp() {
    if (content_size_ < wire::kCnpPayload) return fail(DecodeError::Truncated);
    out_.kind = PacketKind::Cnp;
    return {};
  }

  const uint8_t* frame_;
  size_t size_;
  IcrcCheck check_;
  DecodedFrame& out_;
  const uint8_t* ip_ = nullptr;
  size_t ip_length_ = 0;
  const uint8_t* content_ = nullptr;  // between BTH and ICRC
  size_t content_size_ = 0;
  size_t pad_ = 0;
};

}  // namespace

tl::expected<DecodedFrame, DecodeError> decode(const uint8_t* frame, size_t size, IcrcCheck check) {
  tl::expected<DecodedFrame, DecodeError> decoded(tl::in_place);
  if (const Step read = Decoder(frame, size, check, *decoded).run(); !read) decoded = fail(read.error());
  return decoded;
}

}  // namespace railyard
