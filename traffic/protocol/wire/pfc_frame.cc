// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/protocol/wire/pfc_frame.h"

#include <algorithm>

#include "traffic/protocol/wire/byte_order.h"

namespace railyard {
namespace {

constexpr uint16_t kOpcodePause = 0x0001;  // [802.3 annex 31A, table 31A-1]
constexpr uint16_t kOpcodePfc = 0x0101;

constexpr size_t kOpcode = ethernet::kHeader;
constexpr size_t kParameters = kOpcode + 2;
constexpr size_t kPauseEnd = kParameters + 2;
constexpr size_t kQuanta = kParameters + 2;  // PFC: behind the enable vector
constexpr size_t kPfcEnd = kQuanta + 8 * sizeof(uint16_t);

}  // namespace

PauseFrame pause_frame_of(const Packet& packet, const MacAddress& source) {
  PauseFrame frame;
  frame.source = source;
  frame.enable_vector = static_cast<uint8_t>(packet.entropy);
  for (size_t priority = 0; priority < frame.quanta.size(); ++priority) {
    const bool enabled = ((frame.enable_vector >> priority) & 1) != 0;
    frame.quanta[priority] = enabled ? static_cast<uint16_t>(packet.psn) : 0;
  }
  return frame;
}

size_t encode(const PauseFrame& frame, uint8_t* out, size_t capacity) {
  if (capacity < ethernet::kMinimumNoFcs) return 0;
  std::fill_n(out, ethernet::kMinimumNoFcs, 0);
  std::copy(kPauseDestination.begin(), kPauseDestination.end(), out);
  std::copy(frame.source.begin(), frame.source.end(), out + 6);
  store_be16(out + 12, ethernet::kTypeMacControl);
  if (!frame.per_priority) {
    store_be16(out + kOpcode, kOpcodePause);
    store_be16(out + kParameters, frame.quanta[0]);
    return ethernet::kMinimumNoFcs;
  }
  store_be16(out + kOpcode, kOpcodePfc);
  store_be16(out + kParameters, frame.enable_vector);
  for (size_t priority = 0; priority < frame.quanta.size(); ++priority) {
    store_be16(out + kQuanta + 2 * priority, frame.quanta[priority]);
  }
  return ethernet::kMinimumNoFcs;
}

tl::expected<PauseFrame, DecodeError> decode_pause(const uint8_t* bytes, size_t size) {
  if (size < kParameters) return tl::make_unexpected(DecodeError::Truncated);
  if (load_be16(bytes + 12) != ethernet::kTypeMacControl) {
    return tl::make_unexpected(DecodeError::WrongEtherType);
  }
  const uint16_t opcode = load_be16(bytes + kOpcode);
  if (opcode != kOpcodePause && opcode != kOpcodePfc) {
    return tl::make_unexpected(DecodeError::UnknownControlOpcode);
  }
  PauseFrame frame;
  frame.per_priority = opcode == kOpcodePfc;
  if (size < (frame.per_priority ? kPfcEnd : kPauseEnd)) return tl::make_unexpected(DecodeError::Truncated);
  std::copy_n(bytes + 6, frame.source.size(), frame.source.begin());
  if (!frame.per_priority) {
    frame.enable_vector = 0xff;
    frame.quanta.fill(load_be16(bytes + kParameters));
    return frame;
  }
  frame.enable_vector = bytes[kParameters + 1];  // the upper byte is reserved
  for (size_t priority = 0; priority < frame.quanta.size(); ++priority) {
    frame.quanta[priority] = load_be16(bytes + kQuanta + 2 * priority);
  }
  return frame;
}

}  // namespace railyard
