// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/workload/llm/volumes.h"

namespace railyard::llm {
namespace {

uint64_t norm(const ModelShape& shape) {
  return shape.biases ? 2 * shape.hidden : shape.hidden;
}

uint64_t mlp_matrices(const ModelShape& shape, uint64_t width) {
  return shape.mlp_matrices * shape.hidden * width;
}

Parameters latent_attention(const ModelShape& shape) {
  const uint64_t queries = shape.heads * (shape.head_dim + shape.rope_dim);
  const uint64_t keys_and_values = shape.heads * (shape.head_dim + shape.value_dim);
  Parameters p;
  p.split =
      shape.q_rank * queries + shape.kv_rank * keys_and_values + shape.heads * shape.value_dim * shape.hidden;
  p.replicated = shape.hidden * (shape.q_rank + shape.kv_rank + shape.rope_dim) + shape.q_rank +
                 shape.kv_rank + norm(shape);
  return p;
}

// Width of a head where queries meet keys, and of its values.
uint64_t key_width(const ModelShape& shape) {
  return shape.head_dim + shape.rope_dim;
}
uint64_t value_width(const ModelShape& shape) {
  return shape.kv_rank > 0 ? shape.value_dim : shape.head_dim;
}

}  // namespace

Parameters attention_parameters(const ModelShape& shape) {
  if (shape.kv_rank > 0) return latent_attention(shape);
  const uint64_t q = shape.heads * shape.head_dim, kv = 2 * shape.head_dim * shape.kv_heads;
  Parameters p = {shape.hidden * (q + kv) + q * shape.hidden, norm(shape)};
  if (shape.biases) p = p + Parameters{q + kv, shape.hidden};
  return p;
}

Parameters mlp_parameters(const ModelShape& shape, uint32_t layer) {
  if (shape.has_experts(layer))
    return {shape.shared_experts * expert_parameters(shape),
            norm(shape) + shape.experts * shape.hidden + (shape.router_bias ? shape.experts : 0)};
  Parameters p = {mlp_matrices(shape, shape.ffn), norm(shape)};
  if (shape.biases) p = p + Parameters{shape.ffn, shape.hidden};
  return p;
}

uint64_t expert_parameters(const ModelShape& shape) {
  return mlp_matrices(shape, shape.expert_ffn);
}

Parameters layer_parameters(const ModelShape& shape, uint32_t layer) {
  return attention_parameters(shape) + mlp_parameters(shape, layer);
}

Parameters embedding_parameters(const ModelShape& shape) {
  return {shape.vocabulary * shape.hidden, shape.positions * shape.hidden};
}

Parameters head_parameters(const ModelShape& shape) {
  return {shape.vocabulary * shape.hidden, norm(shape)};
}

uint64_t total_parameters(const ModelShape& shape) {
  uint64_t sum = embedding_parameters(shape).total() + head_parameters(shape).total();
  if (shape.tied_embeddings) sum -= head_parameters(shape).split;
  for (uint32_t layer = 0; layer < shape.layers; ++layer) {
    sum += layer_parameters(shape, layer).total();
    if (shape.has_experts(layer)) sum += shape.experts * expert_parameters(shape);
  }
  return sum;
}

uint64_t kv_bytes_per_token(const ModelShape& shape) {
  const uint64_t numbers =
      shape.kv_rank > 0 ? shape.kv_rank + shape.rope_dim : 2 * shape.head_dim * shape.kv_heads;
  return shape.layers * numbers * kBf16Bytes;
}

uint64_t expanded_kv_bytes(const ModelShape& shape) {
  return shape.kv_heads * (key_width(shape) + value_width(shape)) * kBf16Bytes;
}

double attention_flops(const ModelShape& shape, double tokens, double context) {
  const auto projections = static_cast<double>(attention_parameters(shape).total());
  const auto scores = static_cast<double>(shape.heads * (key_width(shape) + value_width(shape)));
  return 2 * tokens * projections + 2 * tokens * context * scores;
}

double mlp_flops(const ModelShape& shape, uint32_t layer, double tokens) {
  return 2 * tokens * static_cast<double>(mlp_parameters(shape, layer).total());
}

double expert_flops(const ModelShape& shape, double tokens) {
  return 2 * tokens * static_cast<double>(expert_parameters(shape));
}

double head_flops(const ModelShape& shape, double tokens) {
  return 2 * tokens * static_cast<double>(head_parameters(shape).total());
}

}  // namespace railyard::llm
