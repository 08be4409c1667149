// SPDX-License-Identifier: BSD-3-Clause
// How much there is of a model: its parameters, its computations and its cache, by the shape alone.
#pragma once

#include <cstdint>

#include "traffic/pattern/workload/llm/model.h"

namespace railyard::llm {

constexpr uint64_t kBf16Bytes = 2;
constexpr uint64_t kFp32Bytes = 4;

// Parameters that tensor parallelism splits, and those that every one of its ranks has: norms, routers, and
// biases that are added after a sum over ranks (Megatron-LM, core/tensor_parallel/layers.py).
struct Parameters {
  uint64_t split = 0, replicated = 0;

  constexpr uint64_t total() const { return split + replicated; }
  constexpr uint64_t on_rank(uint32_t tp) const { return (split + tp - 1) / tp + replicated; }
  friend constexpr Parameters operator+(Parameters a, Parameters b) {
    return {a.split + b.split, a.replicated + b.replicated};
  }
};

Parameters attention_parameters(const ModelShape& shape);              // of a layer, with the norm before it
Parameters mlp_parameters(const ModelShape& shape, uint32_t layer);    // without routed experts
uint64_t expert_parameters(const ModelShape& shape);                   // of one routed expert
Parameters layer_parameters(const ModelShape& shape, uint32_t layer);  // without routed experts
Parameters embedding_parameters(const ModelShape& shape);
// The last norm and the output projection, also where that is the embedding: a pipeline's last stage has a
// copy of it.
Parameters head_parameters(const ModelShape& shape);
uint64_t total_parameters(const ModelShape& shape);

// Keys and values of one token in all layers, in BF16: 2 L kv d; of latent attention L (d_c + d_r)
// [DeepSeek-V3, section 2.1.1].
uint64_t kv_bytes_per_token(const ModelShape& shape);
// Of one layer, as attention reads them: of every head, where the cache is latent.
uint64_t expanded_kv_bytes(const ModelShape& shape);

// Floating-point operations of the forward pass for `tokens` that attend to `context` each, half of it on
// average where the mask is causal. A backward pass has twice as many.
double attention_flops(const ModelShape& shape, double tokens, double context);
double mlp_flops(const ModelShape& shape, uint32_t layer, double tokens);  // without routed experts
double expert_flops(const ModelShape& shape, double tokens);               // each to one expert
double head_flops(const ModelShape& shape, double tokens);

// What a checkpoint holds of a parameter: BF16, and in FP32 the master copy and Adam's two moments.
constexpr uint64_t kCheckpointBytes = kBf16Bytes + 3 * kFp32Bytes;

}  // namespace railyard::llm
