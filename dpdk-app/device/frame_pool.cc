// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/device/frame_pool.h"

#include <fmt/format.h>
#include <rte_mbuf.h>
#include <rte_mbuf_pool_ops.h>
#include <rte_memzone.h>

#include <algorithm>
#include <fstream>
#include <string>

#include "dpdk-app/device/eal_log.h"
#include "dpdk-app/device/port_name.h"

namespace railyard::lab {
namespace {

constexpr uint32_t kCache = 256;  // frames an lcore; a pool refuses more than 1 / 1.5 of its size

uint32_t buffer_bytes(uint32_t max_frame_bytes) {
  return RTE_PKTMBUF_HEADROOM + frame_slot_bytes(max_frame_bytes);
}

void free_memory(rte_mempool_memhdr* /* chunk */, void* zone) {
  rte_memzone_free(static_cast<const rte_memzone*>(zone));
}

// What rte_pktmbuf_pool_create() does, but for the memory.
FramePool make_empty_pool(const std::string& name, uint32_t most, uint32_t cache, uint32_t buffer) {
  FramePool pool(rte_mempool_create_empty(name.c_str(), most, sizeof(rte_mbuf) + buffer, cache,
                                          sizeof(rte_pktmbuf_pool_private), SOCKET_ID_ANY, 0));
  if (pool == nullptr) return pool;
  if (rte_mempool_set_ops_byname(pool.get(), rte_mbuf_best_mempool_ops(), nullptr) != 0) return nullptr;
  rte_pktmbuf_pool_private layout{};
  layout.mbuf_data_room_size = static_cast<uint16_t>(buffer);
  rte_pktmbuf_pool_init(pool.get(), &layout);
  return pool;
}

// False where there is no such piece of memory.
bool add_memory(rte_mempool& pool, uint32_t frames) {
  const uint32_t before = pool.populated_size;
  size_t least = 0, alignment = 0;
  // One more, for what alignment takes of the piece.
  const ssize_t bytes = rte_mempool_op_calc_mem_size_default(&pool, frames + 1, 0, &least, &alignment);
  if (bytes < 0) return false;
  const std::string name = fmt::format("{}+{}", pool.name, before);
  const rte_memzone* zone = rte_memzone_reserve_aligned(name.c_str(), static_cast<size_t>(bytes),
                                                        SOCKET_ID_ANY, 0, static_cast<unsigned>(alignment));
  if (zone == nullptr) return false;
  if (rte_mempool_populate_virt(&pool, static_cast<char*>(zone->addr), zone->len, zone->hugepage_sz,
                                free_memory, const_cast<rte_memzone*>(zone)) <= 0) {
    rte_memzone_free(zone);
    return false;
  }
  uint32_t index = 0;
  rte_mempool_objhdr* header = nullptr;
  STAILQ_FOREACH(header, &pool.elt_list, next) {
    if (index++ >= before) rte_pktmbuf_init(&pool, nullptr, header + 1, index - 1);
  }
  return true;
}

}  // namespace

void FreeMempool::operator()(rte_mempool* pool) const {
  rte_mempool_free(pool);
}

uint32_t grow_frame_pool(rte_mempool& pool, uint32_t frames) {
  const EalLogCapture log;
  frames = std::min(frames, pool.size);
  // In one piece where there is one, else in smaller ones.
  for (uint32_t piece = frames; piece > 0 && pool.populated_size < frames;)
    if (!add_memory(pool, std::min(piece, frames - pool.populated_size))) piece /= 2;
  return pool.populated_size;
}

tl::expected<FramePool, std::string> make_frame_pool(const std::string& name, uint32_t frames,
                                                     uint32_t max_frame_bytes, uint32_t most) {
  const uint32_t buffer = buffer_bytes(max_frame_bytes);
  if (buffer > UINT16_MAX) {
    return tl::unexpected(
        fmt::format("frames of {} bytes: a buffer holds at most {}", max_frame_bytes, UINT16_MAX / 2));
  }
  const EalLogCapture log;
  FramePool pool = make_empty_pool(name, std::max(frames, most), std::min(kCache, frames / 2), buffer);
  if (pool == nullptr || grow_frame_pool(*pool, frames) < frames) {
    constexpr uint64_t kMebi = 1 << 20;
    return tl::unexpected(fmt::format(
        "no memory for {} frames of {} bytes, {} MiB: give DPDK more memory, or the ports shorter queues{}",
        frames, buffer, (uint64_t{frames} * (buffer + sizeof(rte_mbuf)) + kMebi - 1) / kMebi, log.remark()));
  }
  return pool;
}

uint32_t frames_in_spare_memory(uint32_t max_frame_bytes) {
  constexpr uint64_t kKibi = 1'024, kPart = 4, kMost = 1 << 18;
  std::ifstream file("/proc/meminfo");
  for (std::string name; file >> name;) {
    uint64_t kibibytes = 0;
    if (name != "MemAvailable:") continue;
    file >> kibibytes;
    return static_cast<uint32_t>(
        std::min(kMost, kibibytes * kKibi / kPart / (buffer_bytes(max_frame_bytes) + sizeof(rte_mbuf))));
  }
  return 0;
}

}  // namespace railyard::lab
