// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/device/locked_memory.h"

#include <sys/mman.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <limits>

namespace railyard::lab {
namespace {

// With so many frames a two-core machine loses below 1 % to the receive ring; with the driver's default of
// 512 half of them, uncounted.
constexpr uint32_t kMostFrames = 4'096;

std::atomic<uint32_t> expected_ports{1};

}  // namespace

uint64_t lock_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_MEMLOCK, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) {
    return std::numeric_limits<uint64_t>::max();
  }
  // Whether the limit holds for this process: one page more than it allows. PROT_NONE touches no memory.
  constexpr size_t kPage = 4'096;
  const size_t beyond = limit.rlim_cur + kPage;
  void* mapped = mmap(nullptr, beyond, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED, -1, 0);
  if (mapped == MAP_FAILED) return limit.rlim_cur;
  munmap(mapped, beyond);
  return std::numeric_limits<uint64_t>::max();
}

void expect_packet_ports(uint32_t count) {
  expected_ports = std::max(count, 1u);
}

uint32_t packet_ring_frames(uint16_t queues, uint32_t slot_bytes, uint32_t block_bytes) {
  constexpr uint64_t kDirections = 2;
  const uint64_t rings = kDirections * std::max<uint64_t>(queues, 1) * expected_ports;
  const uint64_t affordable = lock_limit() / rings / slot_bytes;
  uint32_t frames = kMostFrames;
  const uint32_t in_block = block_bytes / slot_bytes;
  while (frames > affordable && frames > in_block) frames /= 2;
  return std::max(frames / in_block, 1u) * in_block;
}

}  // namespace railyard::lab
