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

// The members of the rank's group, in order.
std::vector<uint32_t> members_of(const Parallelism& parallelism, ParallelGroup group, uint32_t rank);

}  // namespace railyard::trace
