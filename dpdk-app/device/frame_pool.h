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

// Room for `frames` frames of at most `max_frame_bytes` (with FCS), and for `most` of them once it has grown.
// `name` is this pool's alone. The EAL must run; the error says how much memory was wanted.
tl::expected<FramePool, std::string> make_frame_pool(const std::string& name, uint32_t frames,
                                                     uint32_t max_frame_bytes, uint32_t most = 0);

// Gives a pool of make_frame_pool() room for `frames` frames in all, or for as many as its limit and the
// memory allow; returns how many. Nobody else may take frames of it meanwhile.
uint32_t grow_frame_pool(rte_mempool& pool, uint32_t frames);

// How many frames of that size a process may lay claim to: a quarter of the memory that the machine has to
// spare, and no more than 262,144, since the EAL keeps books of every page that it may use.
uint32_t frames_in_spare_memory(uint32_t max_frame_bytes);

}  // namespace railyard::lab
