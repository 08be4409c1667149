// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/trace/import/parallel_groups.h"

namespace railyard::trace {

std::vector<uint32_t> RankRange::ranks() const {
  std::vector<uint32_t> ranks;
  ranks.reserve(count);
  for (uint32_t i = 0; i < count; ++i) ranks.push_back(first + i * stride);
  return ranks;
}

RankRange group_of(const Parallelism& p, ParallelGroup group, uint32_t rank) {
  const uint32_t stage_size = p.world / p.pipeline;
  const uint32_t stage_begin = rank / stage_size * stage_size;
  const uint32_t lane = rank % p.tensor;
  const uint32_t data_place = (rank - stage_begin) / p.tensor;
  switch (group) {
    case ParallelGroup::Tensor:
      return {rank - lane, p.tensor, 1};
    case ParallelGroup::Data:
      return {stage_begin + lane, p.data(), p.tensor};
    case ParallelGroup::Expert:
      return {stage_begin + lane + data_place / p.expert * p.expert * p.tensor, p.expert, p.tensor};
    case ParallelGroup::ExpertData:
      return {stage_begin + lane + data_place % p.expert * p.tensor, p.data() / p.expert,
              p.tensor * p.expert};
    case ParallelGroup::Pipeline:
      return {rank % stage_size, p.pipeline, stage_size};
    default:
      return {0, p.world, 1};
  }
}

}  // namespace railyard::trace
