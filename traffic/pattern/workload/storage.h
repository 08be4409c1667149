// SPDX-License-Identifier: BSD-3-Clause
// How a job's ranks and storage endpoints exchange data: in blocks, which go round the endpoints. Endpoints
// are the trace's last ranks: NICs of storage hosts, on which nothing of the job runs.
#pragma once

#include <cstdint>

#include "traffic/units/quantity.h"

namespace railyard::workload {

struct Stripes {
  uint32_t ranks = 1, endpoints = 1;
  Bytes block;

  uint64_t blocks(uint64_t bytes) const { return (bytes + block.n - 1) / block.n; }
  uint64_t bytes_of(uint64_t block_index, uint64_t bytes) const {
    const uint64_t begin = block_index * block.n;
    return bytes - begin < block.n ? bytes - begin : block.n;
  }
  // Rank of the endpoint; neighbours begin at different ones.
  uint32_t endpoint(uint32_t rank, uint64_t block_index) const {
    return ranks + static_cast<uint32_t>((rank + block_index) % endpoints);
  }
};

}  // namespace railyard::workload
