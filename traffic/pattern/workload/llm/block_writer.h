// SPDX-License-Identifier: BSD-3-Clause
// The passes through one block of the model: what tensor, context and expert parallelism send, and what is
// computed between.
#pragma once

#include <cstdint>
#include <string_view>

#include "traffic/pattern/workload/llm/chain.h"
#include "traffic/pattern/workload/llm/expert_exchange.h"
#include "traffic/pattern/workload/llm/training.h"

namespace railyard::llm {

class BlockWriter {
 public:
  BlockWriter(const TrainingPlan& plan, uint32_t rank, Chain& chain)
      : plan_(plan),
        rank_(rank),
        chain_(chain),
        experts_(plan.settings(), plan.shape(), plan.layout(), rank, plan.limits_nodes(), "ep ", chain) {}

  void forward(const Block& block);
  void backward(const Block& block);

 private:
  enum class Half : uint8_t { Attention, Mlp };

  double flops(const Block& block, Half half) const;
  void enter();  // what tp ranks have of a sequence becomes whole
  void leave();  // their parts of a sum become one
  void backward_half(std::string_view name, uint64_t forward_ns);
  void attention_ring(std::string_view name, uint64_t compute_ns, uint64_t hop_bytes);
  void head_forward();
  void cross_entropy();
  void experts(const Block& block, uint32_t passes);

  bool rings() const {
    return plan_.settings().cp > 1 && plan_.settings().cp_exchange == ContextExchange::Ring;
  }

  const TrainingPlan& plan_;
  uint32_t rank_;
  Chain& chain_;
  ExpertExchange experts_;
};

}  // namespace railyard::llm
