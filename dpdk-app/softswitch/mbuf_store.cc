// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/softswitch/mbuf_store.h"

#include <rte_mbuf.h>

#include <algorithm>

#include "dpdk-app/device/frame_pool.h"

namespace railyard::lab {
namespace {

rte_mbuf* mbuf(FrameHandle frame) {
  return static_cast<rte_mbuf*>(frame);
}

}  // namespace

uint8_t* MbufStore::bytes(FrameHandle frame) {
  return rte_pktmbuf_mtod(mbuf(frame), uint8_t*);
}

size_t MbufStore::size(FrameHandle frame) {
  return rte_pktmbuf_data_len(mbuf(frame));
}

FrameHandle MbufStore::make(size_t size) {
  rte_mbuf* made = rte_pktmbuf_alloc(pool_);
  if (made == nullptr) return nullptr;
  if (rte_pktmbuf_append(made, static_cast<uint16_t>(size)) != nullptr) return made;
  rte_pktmbuf_free(made);
  return nullptr;
}

FrameHandle MbufStore::copy(FrameHandle frame) {
  return rte_pktmbuf_copy(mbuf(frame), pool_, 0, UINT32_MAX);
}

void MbufStore::free(FrameHandle frame) {
  rte_pktmbuf_free(mbuf(frame));
}

size_t MbufStore::make_room(size_t frames) {
  if (frames <= claimed_) return frames;
  const uint32_t before = pool_->populated_size;
  const size_t wanted = before + frames - claimed_;
  claimed_ += grow_frame_pool(*pool_, static_cast<uint32_t>(std::min<size_t>(wanted, UINT32_MAX))) - before;
  return claimed_;
}

size_t MbufStore::free_frames() const {
  return rte_mempool_avail_count(pool_);
}

}  // namespace railyard::lab
