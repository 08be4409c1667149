// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/workload/llm/pipeline.h"

#include <algorithm>

namespace railyard::llm {

std::vector<PipelineStep> pipeline_order(uint32_t stage, uint32_t stages, uint32_t chunks,
                                         uint32_t micro_batches) {
  const uint32_t total = micro_batches * chunks;
  uint32_t warm_up = stages - stage - 1;
  if (chunks > 1) {
    warm_up = 2 * warm_up + (chunks - 1) * stages;
    if (micro_batches == stages) warm_up = total;
  }
  warm_up = std::min(warm_up, total);
  const auto step = [&](bool forward, uint32_t k) {
    const uint32_t chunk = k % (stages * chunks) / stages;
    return PipelineStep{forward, k / (stages * chunks) * stages + k % stages,
                        forward ? chunk : chunks - 1 - chunk};
  };
  std::vector<PipelineStep> order;
  for (uint32_t k = 0; k < warm_up; ++k) order.push_back(step(true, k));
  for (uint32_t k = warm_up; k < total; ++k) {
    order.push_back(step(true, k));
    order.push_back(step(false, k - warm_up));
  }
  for (uint32_t k = total - warm_up; k < total; ++k) order.push_back(step(false, k));
  return order;
}

std::vector<LayerRange> layers_of_stages(uint32_t layers, uint32_t stages) {
  const uint32_t most = (layers + stages - 1) / stages;
  std::vector<LayerRange> ranges(stages, LayerRange{0, most});
  for (uint32_t i = 0; i < most * stages - layers; ++i)
    --ranges[i % 2 == 0 ? i / 2 : stages - 1 - i / 2].count;
  uint32_t first = 0;
  for (LayerRange& range : ranges) {
    range.first = first;
    first += range.count;
  }
  return ranges;
}

}  // namespace railyard::llm
