// SPDX-License-Identifier: BSD-3-Clause
// What a job of a language model says of the model, whether it trains it or serves it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "traffic/parameter/parameter.h"
#include "traffic/pattern/workload/llm/model.h"
#include "traffic/pattern/workload/workload_limits.h"

namespace railyard::llm {

struct Accelerator {
  std::string_view name;
  double flops;         // dense BF16, a second
  double memory_bytes;  // a second
};
const std::vector<Accelerator>& accelerators();

struct ModelSettings {
  uint32_t model = 0;  // index in models()
  // 0: the model's
  uint32_t layers = 0;
  uint64_t hidden = 0, ffn = 0;
  uint32_t heads = 0, kv_heads = 0;
  uint64_t vocabulary = 0;
  uint32_t experts = 0, experts_per_token = 0;

  double expert_skew = 0;
  bool node_limited = true;
  uint32_t gpus_per_node = 8;
  uint64_t seed = 1;  // of what is drawn; a run mixes its own into it

  uint32_t gpu = 0;  // index in accelerators()
  double mfu = 0.43;

  ModelShape shape() const;  // the model's with what is set here
};

// How ep ranks with experts, of which each divides into tp, lie on hosts.
struct ExpertHosts {
  uint32_t per_host = 1;      // of the ep, at the same place in their tp
  bool limits_nodes = false;  // a token goes once to each host, and on from there
};
ExpertHosts expert_hosts(const ModelSettings& settings, const ModelShape& shape, uint32_t tp, uint32_t ep);

// Whether `ep` of `replicas` ranks can have the experts. The error is one sentence that begins with the key.
tl::expected<void, std::string> check_experts(const ModelSettings& settings, const ModelShape& shape,
                                              uint32_t tp, uint32_t ep, uint32_t replicas);

template <class Row>
std::vector<std::string_view> names_of(const std::vector<Row>& rows) {
  std::vector<std::string_view> names;
  for (const Row& row : rows) names.push_back(row.name);
  return names;
}

template <class S>
std::vector<Parameter<S>> model_rows() {
  constexpr double kMaxCount = 65'536, kMaxWidth = 1 << 24;
  constexpr std::string_view kShape = "the model's config.json";
  return {
      {"model", &S::model, 0, static_cast<double>(models().size()) - 1, "Whose shape the model has",
       "docs/workloads.md has each shape's", names_of(models())},
      {"layers", &S::layers, 0, kMaxCount, "Layers; 0 means as many as the model has, as below", kShape},
      {"hidden", &S::hidden, 0, kMaxWidth, "Numbers that stand for a token between layers", kShape},
      {"ffn", &S::ffn, 0, kMaxWidth, "Inner width of the dense MLP", kShape},
      {"heads", &S::heads, 0, kMaxCount, "Attention heads", kShape},
      {"kv_heads", &S::kv_heads, 0, kMaxCount, "Heads of keys and values", kShape},
      {"vocabulary", &S::vocabulary, 0, kMaxWidth, "Tokens that there are", kShape},
      {"experts", &S::experts, 0, kMaxCount, "Routed experts of a layer that has them", kShape},
      {"experts_per_token", &S::experts_per_token, 0, kMaxCount, "Experts that a token is sent to", kShape},
  };
}

template <class S>
std::vector<Parameter<S>> expert_rows() {
  constexpr double kMaxSkew = 8, kMaxGpus = 64;
  return {
      {"expert_skew", &S::expert_skew, 0, kMaxSkew,
       "Exponent of the Zipf law of the experts' popularity; 0 means that all are alike", workload::kOurs},
      {"node_limited", &S::node_limited, 0, 1,
       "Send a token once to each host that has experts of it, and on from there, where the model limits "
       "these hosts",
       "DeepSeek-V3, section 2.1.2"},
      {"gpus_per_node", &S::gpus_per_node, 1, kMaxGpus, "GPUs of a host, for node_limited", workload::kOurs},
      {"seed", &S::seed, 0, kUnlimited, "Chooses other draws, for the same seeds of the runs",
       workload::kOurs},
  };
}

template <class S>
std::vector<Parameter<S>> compute_rows() {
  return {
      {"gpu", &S::gpu, 0, static_cast<double>(accelerators().size()) - 1,
       "Whose peak rates computations are reckoned from", "NVIDIA's datasheets: dense BF16, memory bandwidth",
       names_of(accelerators())},
      {"mfu", &S::mfu, 0.01, 1, "Part of the peak rate that computations reach",
       "The Llama 3 Herd of Models, table 4: 43 % on 8,192 GPUs, waiting included"},
  };
}

template <class S>
std::vector<Parameter<S>> joined(std::initializer_list<std::vector<Parameter<S>>> lists) {
  std::vector<Parameter<S>> all;
  for (const auto& list : lists) all.insert(all.end(), list.begin(), list.end());
  return all;
}

}  // namespace railyard::llm
