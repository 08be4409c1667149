// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "traffic/protocol/wire/roce_frame.h"

namespace railyard {

// What each byte that differs between a template's frames does to the ICRC: a CRC is linear, so that the
// ICRC of a frame is the template's, XORed with a table's entry for each. 11 KiB, for all flows.
class IcrcChanges {
 public:
  static constexpr size_t kBytes = 11;

  // Of packets with so many bytes between BTH and ICRC.
  explicit IcrcChanges(size_t content_size);

  uint32_t operator()(size_t byte, uint8_t changed) const { return tables_[byte][changed]; }
  size_t content_size() const { return content_size_; }

 private:
  size_t content_size_;
  std::array<std::array<uint32_t, 256>, kBytes> tables_{};
};

// A flow's frame that is sent over and over: its headers are copied, then changed. Writes, byte for byte,
// what encode() would, without a pass over the headers for the ICRC, nor one over the payload, which is
// zeros.
class FrameTemplate {
 public:
  // Data with all of `payload_size` and no RETH; `changes` is for that, padded.
  static FrameTemplate of_data(const FlowAddress& flow, uint8_t tos, uint32_t payload_size,
                               std::shared_ptr<const IcrcChanges> changes);
  // ACK and NAK; `changes` is for wire::kAeth bytes.
  static FrameTemplate of_acks(const FlowAddress& flow, uint8_t tos,
                               std::shared_ptr<const IcrcChanges> changes);

  // Returns the frame's length, or 0 where it is another frame than this one's: then encode() is to be asked.
  size_t write(const Packet& packet, const FrameBody& body, uint8_t* out, size_t capacity) const;

 private:
  // Copied as a whole: a tagged ACK, rounded up.
  static constexpr size_t kHead = 72;

  FrameTemplate(const Packet& packet, const FlowAddress& flow, const FrameBody& body,
                std::shared_ptr<const IcrcChanges> changes);
  bool matches(const Packet& packet, const FrameBody& body) const;

  std::array<uint8_t, kHead> head_{};
  std::shared_ptr<const IcrcChanges> changes_;
  uint32_t icrc_ = 0;         // with PSN, identification and AETH of 0
  uint32_t ip_checksum_ = 0;  // before it is complemented, without the identification
  uint32_t payload_size_ = 0;
  uint16_t length_ = 0, frame_bytes_ = 0;
  uint8_t link_header_ = 0;
  uint8_t tos_ = 0;
  bool is_data_ = false;
};

}  // namespace railyard
