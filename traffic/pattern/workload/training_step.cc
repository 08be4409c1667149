// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/workload/training_step.h"

#include <fmt/format.h>

#include <random>

#include "traffic/pattern/trace/rank_builder.h"
#include "traffic/pattern/workload/empty_trace.h"

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

}  // namespace railyard
