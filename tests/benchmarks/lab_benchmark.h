// SPDX-License-Identifier: GPL-2.0-only
// What the lab's benchmarks share.
#pragma once

#include <cstdint>

struct rte_mempool;

namespace railyard::lab {

constexpr uint32_t kLargestFrame = 4'200;

rte_mempool* benchmark_pool();

}  // namespace railyard::lab
