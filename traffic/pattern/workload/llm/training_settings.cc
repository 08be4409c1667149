// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/workload/llm/training_settings.h"

namespace railyard {
namespace {

constexpr double kMaxDegree = 65'536;
constexpr double kMaxWidth = 1 << 24;
constexpr std::string_view kOurs = "Railyard's default";
constexpr std::string_view kMegatron = "Megatron-LM";
constexpr std::string_view kShape = "the model's config.json";

template <class Row>
std::vector<std::string_view> names_of(const std::vector<Row>& rows) {
  std::vector<std::string_view> names;
  for (const Row& row : rows) names.push_back(row.name);
  return names;
}

using S = LlmSettings;

std::vector<Parameter<S>> model_rows() {
  const double last_model = static_cast<double>(llm::models().size()) - 1;
  return {
      {"model", &S::model, 0, last_model, "Whose shape the model has", "docs/workloads.md has each shape's",
       names_of(llm::models())},
      {"layers", &S::layers, 0, kMaxDegree, "Layers; 0 means as many as the model has, as below", kShape},
      {"hidden", &S::hidden, 0, kMaxWidth, "Numbers that stand for a token between layers", kShape},
      {"ffn", &S::ffn, 0, kMaxWidth, "Inner width of the dense MLP", kShape},
      {"heads", &S::heads, 0, kMaxDegree, "Attention heads", kShape},
      {"kv_heads", &S::kv_heads, 0, kMaxDegree, "Heads of keys and values", kShape},
      {"vocabulary", &S::vocabulary, 0, kMaxWidth, "Tokens that there are", kShape},
      {"experts", &S::experts, 0, kMaxDegree, "Routed experts of a layer that has them", kShape},
      {"experts_per_token", &S::experts_per_token, 0, kMaxDegree, "Experts that a token is sent to", kShape},
      {"sequence", &S::sequence, 0, kMaxWidth, "Tokens of a sequence; 0 means as the model was trained",
       kShape},
  };
}

std::vector<Parameter<S>> plan_rows() {
  return {
      {"tp", &S::tp, 1, kMaxDegree, "Tensor parallelism: ranks that divide each matrix", kMegatron},
      {"pp", &S::pp, 1, kMaxDegree, "Pipeline stages", kMegatron},
      {"dp", &S::dp, 1, kMaxDegree, "Data parallelism: replicas, each with batches of its own", kMegatron},
      {"cp", &S::cp, 1, kMaxDegree, "Context parallelism: ranks that divide a sequence", kMegatron},
      {"ep", &S::ep, 1, kMaxDegree, "Expert parallelism: ranks that divide experts, out of cp x dp",
       kMegatron},
      {"virtual_stages", &S::virtual_stages, 1, kMaxDegree,
       "Model chunks of a pipeline stage; more than 1 interleaves them", "Narayanan et al., SC 2021"},
      {"micro_batches", &S::micro_batches, 1, kMaxDegree, "Micro-batches of a replica in a step", kMegatron},
      {"micro_batch", &S::micro_batch, 1, kMaxDegree, "Sequences of a micro-batch", kMegatron},
      {"sequence_parallel", &S::sequence_parallel, 0, 1,
       "Divide what lies between matrices among tp: all-gather and reduce-scatter instead of all-reduce",
       "Korthikanti et al., MLSys 2023"},
      {"zero",
       &S::zero,
       "What data-parallel ranks divide: 0 nothing, 1 the optimizer's state, 3 parameters and gradients, too",
       "Rajbhandari et al., SC 2020",
       {"0", "1", "3"}},
      {"overlap", &S::overlap, 0, 1,
       "Reduce gradients and gather parameters beside the computation, not after or before it", kMegatron},
      {"recompute", &S::recompute, 0, 1, "Run a layer's forward pass again before its backward pass",
       "Chen et al., 2016; Megatron-LM, --recompute-granularity full"},
  };
}

std::vector<Parameter<S>> volume_rows() {
  const double last_gpu = static_cast<double>(accelerators().size()) - 1;
  constexpr double kMaxTime = 1e15;  // 1000 s
  return {
      {"gradient_bytes", &S::gradient_bytes, 1, 8, "Bytes of a gradient when it is reduced",
       "Megatron-LM reduces FP32; FSDP 2, BF16"},
      {"bucket_parameters", &S::bucket_parameters, 1, kUnlimited,
       "Parameters, at least, that are reduced or gathered at once, in whole layers; with zero 3 it is a "
       "layer",
       "Megatron-LM, distributed_data_parallel_config.py: bucket_size"},
      {"gradient_compression", &S::gradient_compression, 1, 1e6,
       "How many times fewer bytes of gradients are sent than there are", kOurs},
      {"grad_norm", &S::grad_norm, 0, 1,
       "All-reduce the gradients' norm, 4 bytes, over all ranks before the optimizer", kMegatron},
      {"expert_skew", &S::expert_skew, 0, 8,
       "Exponent of the Zipf law of the experts' popularity; 0 means that all are alike", kOurs},
      {"node_limited", &S::node_limited, 0, 1,
       "Send a token once to each host that has experts of it, and on from there, where the model limits "
       "these hosts",
       "DeepSeek-V3, section 2.1.2"},
      {"gpus_per_node", &S::gpus_per_node, 1, 64, "GPUs of a host, for node_limited", kOurs},
      {"seed", &S::seed, 0, kUnlimited, "Chooses other popular experts, for the same seeds of the runs",
       kOurs},
      {"gpu", &S::gpu, 0, last_gpu, "Whose peak rate computations are reckoned from",
       "NVIDIA's datasheets: dense BF16", names_of(accelerators())},
      {"mfu", &S::mfu, 0.01, 1, "Part of the peak rate that computations reach",
       "The Llama 3 Herd of Models, table 4: 43 % on 8,192 GPUs, waiting included"},
      {"layer_time", &S::layer_time, 0, kMaxTime,
       "Forward pass of a layer and micro-batch, the rest in proportion; 0 reckons it from the operations",
       kOurs},
  };
}

}  // namespace

const std::vector<Accelerator>& accelerators() {
  static const std::vector<Accelerator> rows = {
      {"h100", 989.4e12},  // SXM; the H800's and H200's are the same
      {"a100", 312e12},
      {"b200", 2'250e12},
  };
  return rows;
}

const std::vector<Parameter<LlmSettings>>& parameters_of(const LlmSettings*) {
  static const std::vector<Parameter<S>> rows = [] {
    std::vector<Parameter<S>> all = model_rows();
    for (const auto& more : {plan_rows(), volume_rows()}) all.insert(all.end(), more.begin(), more.end());
    return all;
  }();
  return rows;
}

llm::ModelShape LlmSettings::shape() const {
  llm::ModelShape shape = llm::models()[model].shape;
  const auto replace = [](auto& of_model, auto with) {
    if (with > 0) of_model = with;
  };
  replace(shape.layers, layers);
  replace(shape.hidden, hidden);
  replace(shape.ffn, ffn);
  replace(shape.heads, heads);
  replace(shape.kv_heads, kv_heads);
  replace(shape.vocabulary, vocabulary);
  replace(shape.experts, experts);
  replace(shape.experts_per_token, experts_per_token);
  return shape;
}

uint64_t LlmSettings::tokens() const {
  return (sequence > 0 ? sequence : llm::models()[model].sequence) * micro_batch;
}

}  // namespace railyard
