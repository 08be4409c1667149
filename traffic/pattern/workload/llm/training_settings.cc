// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/workload/llm/training_settings.h"

namespace railyard {
namespace {

constexpr double kMaxDegree = 65'536;
constexpr std::string_view kMegatron = "Megatron-LM";
using workload::kOurs;
using S = LlmSettings;

std::vector<Parameter<S>> plan_rows() {
  constexpr double kMaxSequence = 1 << 24;
  return {
      {"sequence", &S::sequence, 0, kMaxSequence, "Tokens of a sequence; 0 means as the model was trained",
       "the model's report"},
      {"tp", &S::tp, 1, kMaxDegree, "Tensor parallelism: ranks that divide each matrix", kMegatron},
      {"pp", &S::pp, 1, kMaxDegree, "Pipeline stages", kMegatron},
      {"dp", &S::dp, 1, kMaxDegree, "Data parallelism: replicas, each with batches of its own", kMegatron},
      {"cp", &S::cp, 1, kMaxDegree, "Context parallelism: ranks that divide a sequence", kMegatron},
      {"cp_exchange",
       &S::cp_exchange,
       "How cp ranks come by each other's keys and values: all at once, or from neighbour to neighbour "
       "beside "
       "the computation, as Megatron-LM does by default",
       "The Llama 3 Herd of Models, section 3.3.2; Liu et al., Ring Attention, 2023",
       {"all-gather", "ring"}},
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
      {"layer_time", &S::layer_time, 0, workload::kMaxTime,
       "Forward pass of a layer and micro-batch, the rest in proportion; 0 reckons it from the operations",
       kOurs},
  };
}

}  // namespace

const std::vector<Parameter<LlmSettings>>& parameters_of(const LlmSettings*) {
  static const std::vector<Parameter<S>> rows = llm::joined<S>(
      {llm::model_rows<S>(), plan_rows(), volume_rows(), llm::expert_rows<S>(), llm::compute_rows<S>()});
  return rows;
}

uint64_t LlmSettings::tokens() const {
  return (sequence > 0 ? sequence : llm::models()[model].sequence) * micro_batch;
}

}  // namespace railyard
