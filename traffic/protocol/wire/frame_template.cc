// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/protocol/wire/frame_template.h"

#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "traffic/protocol/wire/byte_order.h"
#include "traffic/protocol/wire/roce_layout.h"

namespace railyard {
namespace {

using namespace layout;

constexpr size_t kBthAt = kIpHeader + kUdpHeader;

// Which bytes change, in the order of IcrcChanges' tables, from the IPv4 header on.
enum Changed : size_t { kIdentification = 0, kOpcode = 2, kAckRequest = 3, kPsn = 4, kAethAt = 7 };
constexpr std::array<size_t, IcrcChanges::kBytes> kOffsets = {
    kIpIdentification, kIpIdentification + 1, kBthAt + kBthOpcode,  kBthAt + kBthAckRequest,
    kBthAt + kBthPsn,  kBthAt + kBthPsn + 1,  kBthAt + kBthPsn + 2, kHeaders,
    kHeaders + 1,      kHeaders + 2,          kHeaders + 3};

uint32_t load_le32(const uint8_t* in) {
  return in[0] | uint32_t{in[1]} << 8 | uint32_t{in[2]} << 16 | uint32_t{in[3]} << 24;
}

void store_le32(uint8_t* out, uint32_t value) {
  for (size_t i = 0; i < kIcrc; ++i) out[i] = static_cast<uint8_t>(value >> (8 * i));
}

uint8_t byte_of(uint32_t value, unsigned byte) {
  return static_cast<uint8_t>(value >> (8 * byte));
}

}  // namespace

IcrcChanges::IcrcChanges(size_t content_size) : content_size_(content_size) {
  const size_t covered = kHeaders + content_size;
  const Bytef zero = 0;
  for (size_t byte = 0; byte < kBytes; ++byte) {
    if (kOffsets[byte] >= covered) continue;
    const uLong shift = crc32_combine_gen(static_cast<z_off_t>(covered - 1 - kOffsets[byte]));
    for (size_t value = 0; value < tables_[byte].size(); ++value) {
      const auto changed = static_cast<Bytef>(value);
      const uLong alone = crc32(0, &changed, 1) ^ crc32(0, &zero, 1);
      tables_[byte][value] = static_cast<uint32_t>(crc32_combine_op(alone, 0, shift));
    }
  }
}

FrameTemplate FrameTemplate::of_data(const FlowAddress& flow, uint8_t tos, uint32_t payload_size,
                                     std::shared_ptr<const IcrcChanges> changes) {
  Packet packet{};
  packet.kind = PacketKind::Data;
  packet.tos = tos;
  packet.frame_bytes = static_cast<uint16_t>(wire::data_frame_bytes(payload_size, false));
  FrameBody body;
  body.payload_size = payload_size;
  return {packet, flow, body, std::move(changes)};
}

FrameTemplate FrameTemplate::of_acks(const FlowAddress& flow, uint8_t tos,
                                     std::shared_ptr<const IcrcChanges> changes) {
  Packet packet{};
  packet.kind = PacketKind::Ack;
  packet.tos = tos;
  packet.frame_bytes = static_cast<uint16_t>(wire::kAckFrame);
  return {packet, flow, {}, std::move(changes)};
}

FrameTemplate::FrameTemplate(const Packet& packet, const FlowAddress& flow, const FrameBody& body,
                             std::shared_ptr<const IcrcChanges> changes)
    : changes_(std::move(changes)),
      payload_size_(static_cast<uint32_t>(body.payload_size)),
      frame_bytes_(packet.frame_bytes),
      link_header_(static_cast<uint8_t>(ethernet::kHeader + (flow.vlan ? ethernet::kVlanTag : 0))),
      tos_(packet.tos),
      is_data_(packet.kind == PacketKind::Data) {
  std::vector<uint8_t> frame(std::max<size_t>(kHead, frame_bytes_ + ethernet::kVlanTag));
  length_ = static_cast<uint16_t>(encode(packet, flow, body, frame.data(), frame.size()));
  const uint8_t* const ip = frame.data() + link_header_;
  ip_checksum_ = static_cast<uint16_t>(~load_be16(ip + kIpChecksum));
  icrc_ = load_le32(ip + kHeaders + changes_->content_size());
  if (!is_data_) icrc_ ^= (*changes_)(kAethAt, ip[kHeaders]);
  std::copy_n(frame.begin(), kHead, head_.begin());
}

bool FrameTemplate::matches(const Packet& packet, const FrameBody& body) const {
  if (packet.tos != tos_ || packet.frame_bytes != frame_bytes_) return false;
  if (!is_data_) return packet.kind == PacketKind::Ack || packet.kind == PacketKind::Nak;
  return packet.kind == PacketKind::Data && (packet.flags & packet_flag::kFirst) == 0 &&
         body.payload == nullptr && body.payload_size == payload_size_;
}

size_t FrameTemplate::write(const Packet& packet, const FrameBody& body, uint8_t* out,
                            size_t capacity) const {
  if (!matches(packet, body) || capacity < std::max<size_t>(length_, kHead)) return 0;
  std::memcpy(out, head_.data(), kHead);
  uint8_t* const ip = out + link_header_;
  uint8_t* const bth = ip + kBthAt;
  uint8_t* const content = ip + kHeaders;
  const IcrcChanges& change = *changes_;

  const uint16_t identification = body.identification.value_or(static_cast<uint16_t>(packet.psn));
  const uint32_t sum = ip_checksum_ + identification;
  store_be16(ip + kIpIdentification, identification);
  store_be16(ip + kIpChecksum, static_cast<uint16_t>(~(sum + (sum >> 16))));
  store_be24(bth + kBthPsn, packet.psn);
  uint32_t crc = icrc_ ^ change(kIdentification, byte_of(identification, 1)) ^
                 change(kIdentification + 1, byte_of(identification, 0)) ^
                 change(kPsn, byte_of(packet.psn, 2)) ^ change(kPsn + 1, byte_of(packet.psn, 1)) ^
                 change(kPsn + 2, byte_of(packet.psn, 0));
  if (is_data_) {
    constexpr auto kMiddle = static_cast<uint8_t>(RoceOpcode::WriteMiddle);
    const bool last = (packet.flags & packet_flag::kLast) != 0;
    const uint8_t opcode = last ? static_cast<uint8_t>(RoceOpcode::WriteLast) : kMiddle;
    const uint8_t ack_request = (packet.flags & packet_flag::kAckRequest) != 0 ? kBthAckRequestBit : 0;
    bth[kBthOpcode] = opcode;
    bth[kBthAckRequest] = ack_request;
    crc ^= change(kOpcode, opcode ^ kMiddle) ^ change(kAckRequest, ack_request);
    std::memset(content, 0, change.content_size());
  } else {
    const uint8_t syndrome = packet.kind == PacketKind::Nak ? kSyndromeNakSequence : kSyndromeAck;
    content[0] = syndrome;
    bth[kBthEcn] = (packet.flags & packet_flag::kEcnEcho) != 0 ? kBthBecn : 0;  // no part of the ICRC
    store_be24(content + 1, body.msn);
    crc ^= change(kAethAt, syndrome) ^ change(kAethAt + 1, byte_of(body.msn, 2)) ^
           change(kAethAt + 2, byte_of(body.msn, 1)) ^ change(kAethAt + 3, byte_of(body.msn, 0));
  }
  uint8_t* const end = content + change.content_size();
  store_le32(end, crc);
  std::fill(end + kIcrc, std::max(end + kIcrc, out + length_), 0);
  return length_;
}

}  // namespace railyard
