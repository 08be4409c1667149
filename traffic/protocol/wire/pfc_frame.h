// SPDX-License-Identifier: BSD-3-Clause
// Pause frames: per priority [IEEE 802.1Qbb, now 802.1Q-2018 clause 36; 802.3 annex 31D] and, to be
// recognised where they should not be, of the whole link [802.3 annex 31B, "802.3x"].
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <tl/expected.hpp>

#include "traffic/protocol/wire/ethernet.h"
#include "traffic/protocol/wire/packet.h"

namespace railyard {

// Addressed to the group that no bridge forwards.
constexpr MacAddress kPauseDestination = {0x01, 0x80, 0xc2, 0x00, 0x00, 0x01};

struct PauseFrame {
  MacAddress source{};
  bool per_priority = true;          // false: an 802.3x PAUSE, which stops all priorities alike
  uint8_t enable_vector = 0;         // bit p: quanta[p] is meant; 802.3x: 0xff
  std::array<uint16_t, 8> quanta{};  // of 512 bit times; 0 resumes
};

// A PFC packet descriptor (Packet::psn the quanta, Packet::entropy the enable vector) as a frame.
PauseFrame pause_frame_of(const Packet& packet, const MacAddress& source);

// Writes the frame without FCS and returns its length, 60 bytes; 0 if `capacity` is less.
size_t encode(const PauseFrame& frame, uint8_t* out, size_t capacity);

// Any bytes are safe to pass.
tl::expected<PauseFrame, DecodeError> decode_pause(const uint8_t* frame, size_t size);

}  // namespace railyard
