// SPDX-License-Identifier: BSD-3-Clause
// Where frames live: buffers large enough for a whole frame, with a cache for each lcore.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <tl/expected.hpp>

struct rte_mempool;

namespace railyard::lab {

struct FreeMempool {
  void operator()(rte_mempool* pool) const;
};

// Must outlive the ports that take frames of it.
using FramePool = std::unique_ptr<rte_mempool, FreeMempool>;

// Room for `frames` frames of at most `max_frame_bytes` (with FCS). `name` is this pool's alone. The EAL must
// run; the error says how much memory was wanted.
tl::expected<FramePool, std::string> make_frame_pool(const std::string& name, uint32_t frames,
                                                     uint32_t max_frame_bytes);

}  // namespace railyard::lab
