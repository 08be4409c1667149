// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/workload/training_step.h"

#include <fmt/format.h>

#include <random>

#include "traffic/pattern/trace/rank_builder.h"
#include "traffic/pattern/workload/empty_trace.h"
#include "traffic/pattern/workload/workload_limits.h"

namespace railyard {
namespace {

using Indices = trace::RankBuilder::Indices;

struct Groups {
  uint32_t data_parallel;
  uint32_t expert_parallel;
};

// One step on one rank; returns its last operation.
uint32_t add_step(const TrainingStepSettings& settings, const Groups& groups, uint64_t late_ns,
                  trace::RankBuilder& rank, Indices after) {
  const uint64_t half_forward_ns = workload::to_ns(settings.forward) / 2;
  const uint64_t part_ns = workload::to_ns(settings.backward) / settings.buckets;
  if (late_ns > 0) after = {rank.compute("skew", late_ns, after)};
  after = {rank.compute("forward", half_forward_ns, after)};
  if (settings.all_to_all_bytes.n > 0) {
    after = {rank.collective("exchange", trace::ALL_TO_ALL, groups.expert_parallel,
                             settings.all_to_all_bytes.n, after)};
  }
  uint32_t compute = rank.compute("forward", half_forward_ns, after);
  Indices reduced;  // the bucket before: NCCL's stream keeps them in order
  for (uint32_t bucket = 0; bucket < settings.buckets; ++bucket) {
    compute = rank.compute(fmt::format("backward {}", bucket), part_ns, {compute});
    Indices ready = {compute};
    ready.insert(ready.end(), reduced.begin(), reduced.end());
    reduced = {rank.collective(fmt::format("bucket {}", bucket), trace::ALL_REDUCE, groups.data_parallel,
                               settings.bucket_bytes.n, ready)};
  }
  return rank.compute("optimizer", workload::to_ns(settings.optimizer), {compute, reduced.front()});
}

uint32_t ranks_of(const TrainingStepSettings& settings) {
  return settings.ranks;
}

tl::expected<trace::Trace, std::string> made(const TrainingStepSettings& settings,
                                             const WorkloadContext& context) {
  TrainingStepSettings of_run = settings;
  of_run.seed = workload::seed_of(settings.seed, context.seed);
  return make_training_step(of_run);
}

}  // namespace

tl::expected<trace::Trace, std::string> make_training_step(const TrainingStepSettings& settings) {
  if (settings.ranks < 2) return tl::make_unexpected("training step: ranks must be at least 2");
  if (settings.buckets == 0) return tl::make_unexpected("training step: buckets must be at least 1");
  if (settings.bucket_bytes.n == 0)
    return tl::make_unexpected("training step: bucket_bytes must be at least 1");
  trace::Trace trace = workload::empty_trace(
      "training step",
      fmt::format(
          "training_step ranks={} steps={} buckets={} bucket_bytes={} all_to_all_bytes={} skew={} seed={}",
          settings.ranks, settings.steps, settings.buckets, format(settings.bucket_bytes),
          format(settings.all_to_all_bytes), format(settings.skew), settings.seed),
      settings.ranks);
  const Groups groups = {workload::add_world_group(trace, "data parallel"),
                         workload::add_world_group(trace, "expert parallel")};
  const uint64_t skew_ns = workload::to_ns(settings.skew);
  std::mt19937_64 random(settings.seed);
  for (trace::Rank& rank : *trace.mutable_ranks()) {
    trace::RankBuilder builder(rank);
    Indices after;
    for (uint32_t step = 0; step < settings.steps; ++step) {
      const uint64_t late_ns = skew_ns == 0 ? 0 : random() % (skew_ns + 1);
      after = {add_step(settings, groups, late_ns, builder, after)};
    }
  }
  return trace;
}

const std::vector<Parameter<TrainingStepSettings>>& parameters_of(const TrainingStepSettings*) {
  using S = TrainingStepSettings;
  static const std::vector<Parameter<S>> rows = {
      {"ranks", &S::ranks, 2, workload::kMaxRanks, "Ranks of the job", workload::kOurs},
      {"steps", &S::steps, 1, workload::kMaxRanks, "Training steps, one after another", workload::kOurs},
      {"forward", &S::forward, 0, workload::kMaxTime, "Compute of the forward pass", workload::kOurs},
      {"backward", &S::backward, 0, workload::kMaxTime, "Compute of the backward pass", workload::kOurs},
      {"optimizer", &S::optimizer, 0, workload::kMaxTime, "Compute after the last gradient bucket",
       workload::kOurs},
      {"buckets", &S::buckets, 1, workload::kMaxRanks, "Gradient buckets, each one all-reduce",
       "PyTorch DistributedDataParallel (Li et al., VLDB 2020, section 4)"},
      {"bucket_bytes", &S::bucket_bytes, 1, workload::kMaxBuffer, "Size of each gradient bucket",
       "PyTorch DistributedDataParallel, bucket_cap_mb = 25"},
      {"all_to_all_bytes", &S::all_to_all_bytes, 0, workload::kMaxBuffer,
       "Send buffer of the all-to-all in the forward pass; 0 leaves it out", workload::kOurs},
      {"skew", &S::skew, 0, workload::kMaxTime,
       "Ranks start each step up to this late, drawn from the run's seed and the one below", workload::kOurs},
      {"seed", &S::seed, 0, kUnlimited, "Chooses other draws of the skew, for the same seeds of the runs",
       workload::kOurs},
  };
  return rows;
}

Workload training_step_workload() {
  Workload row = workload_row<TrainingStepSettings, ranks_of, made>(
      "training_step", "Data-parallel training with gradients in buckets");
  row.depends_on_seed = [](const std::any& settings) {
    return std::any_cast<const TrainingStepSettings&>(settings).skew.ps > 0;
  };
  return row;
}

}  // namespace railyard
