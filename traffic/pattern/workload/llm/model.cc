// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/workload/llm/model.h"

namespace railyard::llm {
namespace {

ModelShape llama(uint32_t layers, uint64_t hidden, uint64_t ffn, uint32_t heads) {
  ModelShape shape;
  shape.layers = layers;
  shape.hidden = hidden;
  shape.ffn = ffn;
  shape.heads = heads;
  shape.kv_heads = 8;
  shape.head_dim = 128;
  shape.vocabulary = 128'256;
  return shape;
}

ModelShape gpt3(uint32_t layers, uint64_t hidden, uint32_t heads) {
  ModelShape shape;
  shape.layers = layers;
  shape.hidden = hidden;
  shape.ffn = 4 * hidden;
  shape.heads = shape.kv_heads = heads;
  shape.head_dim = hidden / heads;
  shape.vocabulary = 50'257;
  shape.mlp_matrices = 2;
  shape.biases = true;
  shape.positions = 2'048;
  shape.tied_embeddings = true;
  return shape;
}

ModelShape mixtral_8x7b() {
  ModelShape shape = llama(32, 4'096, 14'336, 32);
  shape.vocabulary = 32'000;
  shape.experts = 8;
  shape.experts_per_token = 2;
  shape.expert_ffn = 14'336;
  return shape;
}

ModelShape deepseek_v3() {
  ModelShape shape;
  shape.layers = 61;
  shape.hidden = 7'168;
  shape.ffn = 18'432;
  shape.heads = shape.kv_heads = 128;
  shape.head_dim = 128;  // of what takes no rotary embedding
  shape.vocabulary = 129'280;
  shape.experts = 256;
  shape.experts_per_token = 8;
  shape.shared_experts = 1;
  shape.dense_layers = 3;
  shape.expert_ffn = 2'048;
  shape.nodes_per_token = 4;
  shape.router_bias = true;
  shape.dispatch_bytes = 1;
  shape.q_rank = 1'536;
  shape.kv_rank = 512;
  shape.rope_dim = 64;
  shape.value_dim = 128;
  return shape;
}

}  // namespace

const std::vector<Model>& models() {
  static const std::vector<Model> rows = {
      {"llama3-8b", llama(32, 4'096, 14'336, 32), 8'192, "The Llama 3 Herd of Models (2024), table 3"},
      {"llama3-70b", llama(80, 8'192, 28'672, 64), 8'192, "The Llama 3 Herd of Models (2024), table 3"},
      {"llama3-405b", llama(126, 16'384, 53'248, 128), 8'192, "The Llama 3 Herd of Models (2024), table 3"},
      // The paper's 5140 is no multiple of its 40 heads; 5120 is what is trained under that name.
      {"gpt3-13b", gpt3(40, 5'120, 40), 2'048, "Brown et al., NeurIPS 2020, table 2.1"},
      {"gpt3-175b", gpt3(96, 12'288, 96), 2'048, "Brown et al., NeurIPS 2020, table 2.1"},
      {"mixtral-8x7b", mixtral_8x7b(), 4'096, "Mixtral of Experts (2024), table 1; its config.json"},
      {"deepseek-v3", deepseek_v3(), 4'096,
       "DeepSeek-V3 Technical Report (2024), section 4.2; its config.json"},
  };
  return rows;
}

}  // namespace railyard::llm
