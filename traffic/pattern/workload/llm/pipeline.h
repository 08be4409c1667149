// SPDX-License-Identifier: BSD-3-Clause
// In which order a pipeline's stage goes through its micro-batches.
#pragma once

#include <cstdint>
#include <vector>

namespace railyard::llm {

struct PipelineStep {
  bool forward = true;
  uint32_t micro_batch = 0;
  uint32_t chunk = 0;  // of the stage's model chunks
};

// One forward, one backward (PipeDream-Flush); with more than one chunk a stage, interleaved: micro-batches
// go through the chunks in groups of as many as there are stages, so that micro_batches must be a multiple of
// them [Narayanan et al., SC 2021, section 2.2; Megatron-LM, core/pipeline_parallel/schedules.py].
std::vector<PipelineStep> pipeline_order(uint32_t stage, uint32_t stages, uint32_t chunks,
                                         uint32_t micro_batches);

struct LayerRange {
  uint32_t first = 0, count = 0;
};

// The layers of each virtual stage, in the order of the model. Where they do not divide evenly, the outer
// stages, which have the embeddings, have one fewer: the first, the last, the second ... [The Llama 3 Herd of
// Models, section 3.3.2]. There are at least as many layers as stages.
std::vector<LayerRange> layers_of_stages(uint32_t layers, uint32_t stages);

}  // namespace railyard::llm
