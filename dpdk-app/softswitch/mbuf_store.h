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

 private:
  rte_mempool* pool_;
};

}  // namespace railyard::lab
