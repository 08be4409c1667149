// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/device/frame_pool.h"

#include <fmt/format.h>
#include <rte_mbuf.h>

#include <algorithm>

#include "dpdk-app/device/eal_log.h"
#include "dpdk-app/device/port_name.h"

namespace railyard::lab {

void FreeMempool::operator()(rte_mempool* pool) const {
  rte_mempool_free(pool);
}

tl::expected<FramePool, std::string> make_frame_pool(const std::string& name, uint32_t frames,
                                                     uint32_t max_frame_bytes) {
  constexpr uint32_t kCache = 256;  // frames an lcore; a pool refuses more than 1 / 1.5 of its size
  const uint32_t room = RTE_PKTMBUF_HEADROOM + frame_slot_bytes(max_frame_bytes);
  if (room > UINT16_MAX) {
    return tl::unexpected(
        fmt::format("frames of {} bytes: a buffer holds at most {}", max_frame_bytes, UINT16_MAX / 2));
  }
  const EalLogCapture log;
  FramePool pool(rte_pktmbuf_pool_create(name.c_str(), frames, std::min(kCache, frames / 2), 0,
                                         static_cast<uint16_t>(room), static_cast<int>(SOCKET_ID_ANY)));
  if (pool == nullptr) {
    constexpr uint64_t kMebi = 1 << 20;
    return tl::unexpected(fmt::format(
        "no memory for {} frames of {} bytes, {} MiB: give DPDK more memory, or the ports shorter queues{}",
        frames, room, (uint64_t{frames} * (room + sizeof(rte_mbuf)) + kMebi - 1) / kMebi, log.remark()));
  }
  return pool;
}

}  // namespace railyard::lab
