// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/softswitch/mbuf_store.h"

#include <rte_mbuf.h>

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

}  // namespace railyard::lab
