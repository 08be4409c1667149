// SPDX-License-Identifier: BSD-3-Clause
// A frame as the soft switch handles it: by value, its bytes behind a handle that only a FrameStore looks
// into.
#pragma once

#include <cstddef>
#include <cstdint>

#include "traffic/protocol/switching/pause.h"
#include "traffic/protocol/wire/ethernet.h"
#include "traffic/protocol/wire/packet.h"
#include "traffic/units/quantity.h"

namespace railyard::lab {

using FrameHandle = void*;

constexpr size_t kFcsBytes = 4;  // devices add and strip it

struct Frame {
  FrameHandle handle = nullptr;  // null: a PFC frame of our own, which has no bytes yet
  uint32_t bytes = 0;            // destination MAC to FCS
  uint16_t in = 0, out = 0;      // ports
  uint8_t tos = 0;               // of IPv4; 0 for everything else
  uint8_t buffer_class = 0;      // as Packet::buffer_class
  bool is_pfc = false;
  bool is_data = false;  // a RoCE data packet
  bool marked = false;   // CE is to be written into its bytes
  bool of_run = false;   // RunFrames has it
  PauseRequest pause;    // of a PFC frame

  // As SwitchCore handles it.
  uint32_t length() const { return bytes; }
  uint32_t dscp() const { return tos >> 2; }
  bool ecn_capable() const { return (tos & ecn::kMask) != ecn::kNotEct; }
  uint32_t ingress() const { return in; }
  uint32_t priority_group() const { return buffer_class & 0xf; }
  void store(uint32_t port, uint8_t at) { in = static_cast<uint16_t>(port), buffer_class = at; }
  void mark() {
    marked |= (tos & ecn::kMask) != ecn::kCe;  // one that came marked needs no rewriting
    tos |= ecn::kCe;
  }
};

struct TimedFrame {
  SimTime at;
  Frame frame;
};

// Who owns the frames' bytes: mbufs of DPDK's, or a test's own.
class FrameStore {
 public:
  virtual ~FrameStore() = default;
  virtual uint8_t* bytes(FrameHandle frame) = 0;
  virtual size_t size(FrameHandle frame) = 0;  // without FCS
  // Null when there is no room.
  virtual FrameHandle make(size_t size) = 0;
  virtual FrameHandle copy(FrameHandle frame) = 0;
  virtual void free(FrameHandle frame) = 0;

  // Makes room for so many frames, those included that lie here; returns for how many there is, which is less
  // where memory ends. Between two polls only.
  virtual size_t make_room(size_t /* frames */) { return kUnlimited; }
  virtual size_t free_frames() const { return kUnlimited; }  // takes about a microsecond
  static constexpr size_t kUnlimited = ~size_t{0};
};

}  // namespace railyard::lab
