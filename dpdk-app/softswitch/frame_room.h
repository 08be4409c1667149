// SPDX-License-Identifier: BSD-3-Clause
// The memory that frames lie in, which the emulated chip knows nothing of: a frame of 64 bytes takes as much
// of it as a full packet. There is room for what the chip's buffer can hold in full packets, and for some
// frames more, which are smaller. Lossy frames may take what is left beside what lossless classes can still
// fill of the buffer: a flood of small frames takes none of theirs.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "dpdk-app/softswitch/frame.h"
#include "dpdk-app/softswitch/traffic_manager.h"
#include "traffic/units/quantity.h"

namespace railyard::lab {

class FrameRoom {
 public:
  // `packet_bytes` is a full packet's frame, `on_links` what may be on the switch's links at once.
  FrameRoom(const TrafficManagerSettings& settings, uint32_t packet_bytes, Bytes on_links, FrameStore& store);

  // Frames that may have to lie here, and how many can: less where memory ends before.
  size_t needed() const { return needed_; }
  size_t room() const { return room_; }

  // So many more lie here.
  void fill(size_t frames) {
    free_ -= std::min(free_, frames);
    is_stale_ = true;
  }
  // False: the frame must be dropped, for what is left may be needed by lossless classes.
  bool takes(const Frame& frame, const BufferPool& pool);

 private:
  std::array<bool, 64> is_lossless_{};  // by DSCP
  bool has_lossless_ = false;
  uint32_t packet_bytes_;
  const FrameStore* store_;
  size_t needed_ = 0, room_ = 0;
  size_t free_ = 0;  // at least: frames that left since it was looked at are not counted
  bool is_stale_ = false;
};

}  // namespace railyard::lab
