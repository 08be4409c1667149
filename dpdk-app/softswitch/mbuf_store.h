// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "dpdk-app/softswitch/frame.h"

struct rte_mempool;

namespace railyard::lab {

// Frames are mbufs of one segment.
class MbufStore final : public FrameStore {
 public:
  explicit MbufStore(rte_mempool* pool) : pool_(pool) {}

  uint8_t* bytes(FrameHandle frame) override;
  size_t size(FrameHandle frame) override;
  FrameHandle make(size_t size) override;
  FrameHandle copy(FrameHandle frame) override;
  void free(FrameHandle frame) override;
  size_t make_room(size_t frames) override;
  size_t free_frames() const override;

 private:
  rte_mempool* pool_;
  size_t claimed_ = 0;  // of the pool's frames: other switches of the process have theirs
};

}  // namespace railyard::lab
