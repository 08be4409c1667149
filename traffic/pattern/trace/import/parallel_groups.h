// SPDX-License-Identifier: BSD-3-Clause
// Which ranks form a group where a workload says only how large its groups are, in Megatron's order: tensor
// parallel innermost, then data parallel, pipeline stages outermost; experts divide the data-parallel ranks.
#pragma once

#include <cstdint>
#include <vector>

namespace railyard::trace {

struct Parallelism {
  uint32_t world = 1, tensor = 1, pipeline = 1, expert = 1;

  bool fits() const {
    return tensor > 0 && pipeline > 0 && expert > 0 && uint64_t{tensor} * pipeline <= world &&
           world % (uint64_t{tensor} * pipeline) == 0 && (world / tensor / pipeline) % expert == 0;
  }
  uint32_t data() const { return world / tensor / pipeline; }
};

enum class ParallelGroup : uint8_t { World, Tensor, Data, Expert, ExpertData, Pipeline };

// A group as ranks at equal distances.
struct RankRange {
  uint32_t first = 0, count = 1, stride = 1;

  std::vector<uint32_t> ranks() const;
};

// The rank's group. Two ranks are in the same one where the first of it is the same.
RankRange group_of(const Parallelism& parallelism, ParallelGroup group, uint32_t rank);

}  // namespace railyard::trace
