// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <vector>

#include "traffic/parameter/parameter.h"
#include "traffic/pattern/workload/llm/layout.h"
#include "traffic/pattern/workload/llm/model_settings.h"
#include "traffic/units/quantity.h"

namespace railyard {

// What of the training's state data-parallel ranks divide instead of each holding all of it [Rajbhandari et
// al., "ZeRO", SC 2020]: nothing; the optimizer's (stage 1, Megatron-LM's distributed optimizer); all of it
// (stage 3, FSDP).
enum class Zero : uint8_t { Nothing, Optimizer, Everything };

// How context-parallel ranks come by each other's keys and values: all at once [The Llama 3 Herd of Models,
// section 3.3.2], or from neighbour to neighbour beside the computation [Liu et al., "Ring Attention", 2023].
enum class ContextExchange : uint8_t { AllGather, Ring };

// One training step of a language model: its shape, how ranks divide it, and what they compute.
struct LlmSettings : llm::ModelSettings {
  uint32_t sequence = 0;  // tokens; 0: as the model was trained

  uint32_t tp = 1, pp = 1, dp = 1, cp = 1, ep = 1;
  ContextExchange cp_exchange = ContextExchange::AllGather;
  uint32_t virtual_stages = 1;  // model chunks of a pipeline's stage
  uint32_t micro_batches = 1;   // a step, of each data-parallel replica
  uint32_t micro_batch = 1;     // sequences in one
  bool sequence_parallel = true;
  Zero zero = Zero::Optimizer;
  bool overlap = true;
  bool recompute = false;
  uint32_t gradient_bytes = 4;              // of a number
  uint64_t bucket_parameters = 40'000'000;  // at least; zero 3: a layer
  double gradient_compression = 1;
  bool grad_norm = false;
  SimTime layer_time = SimTime::nanoseconds(0);  // forward, of a layer and micro-batch; 0: by its operations

  uint64_t tokens() const;  // of a micro-batch, all context-parallel ranks together
  llm::Degrees degrees() const { return {tp, pp, dp, cp, ep}; }
};

const std::vector<Parameter<LlmSettings>>& parameters_of(const LlmSettings*);

}  // namespace railyard
