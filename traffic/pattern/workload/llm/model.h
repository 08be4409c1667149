// SPDX-License-Identifier: BSD-3-Clause
// Shapes of language models: what decides how much of them is sent.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace railyard::llm {

// A decoder-only transformer. Biases, where it has them, are on every projection and every norm, as GPT's.
struct ModelShape {
  uint32_t layers = 0;
  uint64_t hidden = 0;
  uint64_t ffn = 0;  // inner width of the dense MLP
  uint32_t heads = 0, kv_heads = 0;
  uint64_t head_dim = 0;
  uint64_t vocabulary = 0;
  uint32_t mlp_matrices = 3;  // 3: gated (SwiGLU); 2: not
  bool biases = false;
  uint64_t positions = 0;        // learned embeddings of positions
  bool tied_embeddings = false;  // the output projection is the embedding

  // Mixture of experts; experts == 0: none. Layers from `dense_layers` on have experts.
  uint32_t experts = 0, experts_per_token = 0, shared_experts = 0, dense_layers = 0;
  uint64_t expert_ffn = 0;
  uint32_t nodes_per_token = 0;  // its experts lie on at most so many hosts; 0: on any
  bool router_bias = false;
  uint64_t dispatch_bytes = 2;  // of a number, on the way to the experts; back it is 2

  // Multi-head latent attention; kv_rank == 0: none.
  uint64_t q_rank = 0, kv_rank = 0, rope_dim = 0, value_dim = 0;

  bool has_experts(uint32_t layer) const { return experts > 0 && layer >= dense_layers; }
};

struct Model {
  std::string_view name;
  ModelShape shape;
  uint64_t sequence;  // tokens of a training sequence
  std::string_view source;
};

// In the order of their names in a scenario.
const std::vector<Model>& models();

}  // namespace railyard::llm
