// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/run/memory_estimate.h"

#include <gtest/gtest.h>

#include "traffic/pattern/workload/single_collective.h"
#include "traffic/run/compiled_run.h"

namespace railyard {
namespace {

MemoryEstimate all_to_all(uint32_t ranks, uint32_t iterations) {
  RunInput input;
  input.fabric.kind = FabricKind::SingleSwitch;
  input.fabric.hosts_per_leaf = ranks;
  SingleCollectiveSettings settings;
  settings.kind = 4;  // all-to-all
  settings.ranks = ranks;
  JobInput job;
  job.name = "job";
  job.iterations = iterations;
  for (uint32_t rank = 0; rank < ranks; ++rank) job.placement.push_back({rank, 0});
  job.source = trace::HeldTrace::of(make_single_collective(settings).value()).value();
  input.jobs.push_back(job);
  return estimate_of(*compile_run(input)->jobs, input.maximum_duration);
}

TEST(MemoryEstimate, TheRecordGrowsWithTheMessages) {
  const uint64_t once = all_to_all(32, 1).record, thrice = all_to_all(32, 3).record;
  EXPECT_GT(once, 32u * 31 * 100);
  EXPECT_NEAR(static_cast<double>(thrice), 3.0 * static_cast<double>(once),
              0.01 * static_cast<double>(thrice));
}

TEST(MemoryEstimate, WhatDoesNotFitIsRefusedByName) {
  MemoryEstimate estimate;
  estimate.schedule = 5 << 20;
  estimate.queue_pairs = uint64_t{3} << 30;
  estimate.hosts = 1 << 20;
  estimate.fabric = 1536 << 20;
  estimate.record = 1000 << 20;
  EXPECT_TRUE(check_memory(estimate, {Bytes{uint64_t{6} << 30}, "MemAvailable"}));
  const auto refused = check_memory(estimate, {Bytes{uint64_t{2} << 30}, "cgroup /job"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(
      refused.error(),
      "the run needs 5.5 GiB of memory beside its schedule of 5.0 MiB, and 2.0 GiB is available (cgroup "
      "/job): queue pairs 3.0 GiB, ranks 1.0 MiB, fabric 1.5 GiB, record 1.0 GiB; use fewer ranks, "
      "operations or iterations, or a machine with more memory");
}

}  // namespace
}  // namespace railyard
