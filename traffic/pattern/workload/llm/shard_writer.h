// SPDX-License-Identifier: BSD-3-Clause
// What data-parallel ranks send each other: parameters before they are used, gradients once they are whole.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "traffic/pattern/workload/llm/chain.h"
#include "traffic/pattern/workload/llm/training.h"

namespace railyard::llm {

class ShardWriter {
 public:
  ShardWriter(const TrainingPlan& plan, Chain& chain) : plan_(plan), chain_(chain) {}

  // The chain waits for the unit's parameters. With overlap those of `next`, which is to be used after it,
  // are gathered meanwhile: one ahead, as FSDP and Megatron-LM's --overlap-param-gather do.
  void need(const Unit& unit, const Unit* next);
  // The unit's gradients are whole on this rank.
  void reduce(const Unit& unit);
  // The chain waits until every gradient is reduced.
  void finish_reduction();
  // All parameters, one unit after another.
  void gather(const std::vector<const Unit*>& units);

 private:
  Chain::Indices gather_beside(const Unit& unit);
  void reduce_beside(const Unit& unit);

  const TrainingPlan& plan_;
  Chain& chain_;
  std::optional<Chain::Indices> ahead_;
  std::array<Chain::Indices, 2> last_;  // reductions, dense and experts': each a stream of its own
  std::vector<const Unit*> waiting_;    // for the backward pass to end
};

}  // namespace railyard::llm
