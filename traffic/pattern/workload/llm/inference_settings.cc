// SPDX-License-Identifier: BSD-3-Clause
#include <limits>

#include "traffic/pattern/workload/empty_trace.h"
#include "traffic/pattern/workload/llm/inference.h"

namespace railyard {
namespace {

using S = InferenceSettings;
using workload::kOurs;

std::vector<Parameter<S>> rows() {
  constexpr double kMaxCount = 65'536, kMaxRate = 1e9, kMaxTokens = 1 << 24;
  constexpr std::string_view kDistServe = "Zhong et al., OSDI 2024";
  return {
      {"prefill_instances", &S::prefill_instances, 1, kMaxCount,
       "Copies of the model that go through prompts", kDistServe},
      {"prefill_tp", &S::prefill_tp, 1, kMaxCount, "Ranks of each, which divide every matrix", kDistServe},
      {"prefill_ep", &S::prefill_ep, 1, kMaxCount, "Of them, those that divide the experts", kDistServe},
      {"decode_instances", &S::decode_instances, 1, kMaxCount, "Copies of the model that make tokens",
       kDistServe},
      {"decode_tp", &S::decode_tp, 1, kMaxCount, "Ranks of each, which divide every matrix", kDistServe},
      {"decode_ep", &S::decode_ep, 1, kMaxCount, "Of them, those that divide the experts", kDistServe},
      {"requests", &S::requests, 1, workload::kMaxRanks,
       "Requests, in turn to each prefill and each decode instance", kOurs},
      {"request_rate", &S::request_rate, 1e-3, kMaxRate, "Requests a second, on average", kOurs},
      {"arrivals",
       &S::arrivals,
       "poisson: gaps drawn from the seed; bursty: as many as burst says at once, and such gaps between; "
       "even",
       kOurs,
       {"poisson", "bursty", "even"}},
      {"burst", &S::burst, 1, kMaxCount, "Requests that come at once, where arrivals are bursty", kOurs},
      {"prompt", &S::prompt, 1, kMaxTokens, "Tokens of each prompt", kOurs},
      {"layerwise", &S::layerwise, 0, 1,
       "Send each layer's keys and values once it is through, not all after the last one",
       "Mooncake, FAST 2025"},
      {"decode_steps", &S::decode_steps, 0, kMaxTokens, "Tokens that decode instances make of each sequence",
       kOurs},
      {"decode_batch", &S::decode_batch, 1, kMaxCount,
       "Sequences of a decode instance, with caches like the prompts'", kOurs},
      {"mbu", &S::mbu, 0.01, 1, "Part of the peak memory bandwidth that decoding reaches",
       "Databricks, LLM Inference Performance Engineering, 2023: 60 % on two H100"},
  };
}

uint32_t ranks_of(const S& settings) {
  const double ranks = 1.0 * settings.prefill_instances * settings.prefill_tp +
                       1.0 * settings.decode_instances * settings.decode_tp;
  return static_cast<uint32_t>(std::min<double>(ranks, std::numeric_limits<uint32_t>::max()));
}

MadeJob made(const S& settings, const WorkloadContext& context) {
  S of_run = settings;
  of_run.seed = workload::seed_of(settings.seed, context.seed);
  auto plan = llm::InferencePlan::make(of_run);
  if (!plan) return tl::make_unexpected("inference: " + plan.error());
  return workload::source_of(*std::move(plan));
}

}  // namespace

const std::vector<Parameter<S>>& parameters_of(const S*) {
  static const std::vector<Parameter<S>> all =
      llm::joined<S>({llm::model_rows<S>(), rows(), llm::expert_rows<S>(), llm::compute_rows<S>()});
  return all;
}

Workload inference_workload() {
  Workload row = workload_row<S, ranks_of, made>(
      "inference", "Requests to a language model, with prefill and decode on ranks of their own");
  row.depends_on_seed = [](const std::any& settings) {
    const auto& s = std::any_cast<const S&>(settings);
    return s.arrivals != Arrivals::Even || s.expert_skew > 0;
  };
  return row;
}

}  // namespace railyard
