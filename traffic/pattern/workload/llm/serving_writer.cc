// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/workload/llm/serving_writer.h"

#include <algorithm>
#include <cmath>

#include "traffic/pattern/workload/llm/volumes.h"

namespace railyard::llm {

ServingWriter::ServingWriter(const Serving& serving, double mbu, uint32_t rank, Chain& chain)
    : serving_(serving),
      mbu_(mbu),
      chain_(chain),
      experts_(serving.settings, serving.shape, serving.layout, rank, serving.limits_nodes, serving.prefix,
               chain),
      step_(std::string(serving.prefix) + "step"),
      sum_(std::string(serving.prefix) + "all-reduce") {}

void ServingWriter::begin_step() {
  constexpr uint64_t kBatchSizeBytes = 8;
  const uint64_t activation = serving_.tokens * serving_.shape.hidden * kBf16Bytes;
  const uint32_t ep = serving_.layout.size_of(With::Experts);
  if (ep > 1)
    chain_.collective(step_, trace::ALL_GATHER, With::Experts, kBatchSizeBytes * ep);
  else
    chain_.collective(step_, trace::ALL_REDUCE, With::Tensor, activation);
}

void ServingWriter::sum() {
  chain_.collective(sum_, trace::ALL_REDUCE, With::Tensor,
                    serving_.tokens * serving_.shape.hidden * kBf16Bytes);
}

// As long as the slower of arithmetic and memory takes.
void ServingWriter::compute(std::string_view name, double flops, double bytes) {
  constexpr double kNs = 1e9;
  const Accelerator& gpu = accelerators()[serving_.settings.gpu];
  const double seconds =
      std::max(flops / (gpu.flops * serving_.settings.mfu), bytes / (gpu.memory_bytes * mbu_)) /
      serving_.layout.size_of(With::Tensor);
  chain_.compute(name, static_cast<uint64_t>(std::llround(seconds * kNs)));
}

void ServingWriter::end_step(uint64_t sequences) {
  const ModelShape& shape = serving_.shape;
  const Parameters head = head_parameters(shape);
  compute("output", head_flops(shape, static_cast<double>(sequences)),
          static_cast<double>(head.total() * kBf16Bytes));
  chain_.collective(std::string(serving_.prefix) + "logits", trace::ALL_GATHER, With::Tensor,
                    sequences * shape.vocabulary * kBf16Bytes);
}

void ServingWriter::layer(uint32_t layer) {
  const ModelShape& shape = serving_.shape;
  const auto tokens = static_cast<double>(serving_.tokens), cached = static_cast<double>(serving_.cached);
  const auto weights = [](uint64_t parameters) { return static_cast<double>(parameters * kBf16Bytes); };
  const double cache = tokens * cached * static_cast<double>(kv_bytes_per_token(shape)) / shape.layers;
  const double context = serving_.cached > 0 ? cached : tokens / 2;
  compute("attention", attention_flops(shape, tokens, context),
          weights(attention_parameters(shape).total()) + cache);
  sum();
  if (!shape.has_experts(layer)) {
    compute("mlp", mlp_flops(shape, layer, tokens), weights(mlp_parameters(shape, layer).total()));
    return sum();
  }
  const uint32_t tp = serving_.layout.size_of(With::Tensor), ep = serving_.layout.size_of(With::Experts);
  const uint64_t of_rank = (serving_.tokens + tp - 1) / tp;
  experts_.dispatch(layer, of_rank);
  const double routed = tokens * shape.experts_per_token * experts_.load(layer);
  compute("experts", expert_flops(shape, routed) + mlp_flops(shape, layer, tokens),
          weights(shape.experts / ep * expert_parameters(shape) + mlp_parameters(shape, layer).total()));
  experts_.combine(layer, of_rank);
  chain_.collective(std::string(serving_.prefix) + "all-gather", trace::ALL_GATHER, With::Tensor,
                    of_rank * tp * shape.hidden * kBf16Bytes);
}

}  // namespace railyard::llm
