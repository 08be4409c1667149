// SPDX-License-Identifier: BSD-3-Clause
// Channels and flows that are found by arithmetic.
#include <gtest/gtest.h>

#include <set>

#include "tests/unit/schedule/trace_builder.h"
#include "traffic/pattern/schedule/played_jobs.h"

namespace railyard::schedule {
namespace {

// Two groups of four on hosts of two GPUs, an all-to-all in each, and messages before and after.
PlayedJobs played(uint32_t queue_pairs, bool scale_up) {
  TraceBuilder builder(8);
  const std::vector<uint32_t> groups = {builder.add_group("a", {0, 1, 2, 3}),
                                        builder.add_group("b", {7, 5, 6, 4})};
  builder.collective_of_all(trace::ALL_REDUCE, 8'000);
  for (uint32_t rank = 0; rank < 8; ++rank)
    builder.collective(rank, trace::ALL_TO_ALL, 4'000, {}, groups[rank / 4]);
  builder.send(0, 7, 100);
  builder.receive(7, 0, 100);
  HostShape hosts;
  hosts.host_count = 4;
  hosts.gpus_per_host = hosts.nics_per_host = 2;
  if (scale_up) hosts.scale_up_rate = BitRate::gigabits(3'600);
  JobInput job;
  job.name = "job";
  for (uint32_t rank = 0; rank < 8; ++rank) job.placement.push_back({rank / 2, rank % 2});
  job.source = trace::HeldTrace::of(builder.trace()).value();
  CompileOptions options;
  options.collectives.queue_pairs = queue_pairs;
  return compile_jobs({job, job}, hosts, options).value();
}

TEST(Mesh, ChannelsOfAMeshHaveTheNumbersThatTheyWouldHaveIfHeld) {
  for (const uint32_t queue_pairs : {1U, 3U}) {
    const PlayedJobs jobs = played(queue_pairs, true);
    const Schedule& schedule = *jobs.jobs[0].schedule;
    ASSERT_EQ(schedule.meshes.size(), 2U);
    uint32_t held = 0;
    std::pair<uint32_t, uint32_t> before{0, 0};
    for (uint32_t c = 0; c < schedule.channel_count(); ++c) {
      const Channel channel = schedule.channel(c);
      EXPECT_EQ(schedule.held_index(c) == kNone, schedule.mesh_of(c) != nullptr);
      if (const Mesh* const mesh = schedule.mesh_of(c)) {
        if (c == mesh->first_channel) before = {0, 0};
        const PairNumbers::Pair pair = mesh->channels.pair_of(c - mesh->first_channel);
        EXPECT_EQ(channel.src_rank, mesh->members[pair.source].rank);
        const std::pair<uint32_t, uint32_t> now{pair.source, pair.destination};
        EXPECT_LE(before, now);
        before = now;
        const bool within = channel.src_rank / 2 == channel.dst_rank / 2;
        EXPECT_EQ(channel.connection_size, within ? 1U : queue_pairs);
        EXPECT_EQ(channel.src_nic, within ? kNone : channel.dst_rank % 2) << "by the receiver's rail";
      } else {
        EXPECT_EQ(schedule.held_index(c), held++);
      }
    }
    EXPECT_EQ(held, schedule.channels.size());
    EXPECT_EQ(schedule.channel(schedule.channel_count() - 1).dst_rank, 7U) << "messages come last";
  }
}

TEST(Mesh, FlowsAreNumberedInTheOrderOfTheirChannels) {
  for (const bool scale_up : {false, true}) {
    const PlayedJobs jobs = played(2, scale_up);
    uint32_t number = 0;
    for (uint32_t j = 0; j < 2; ++j)
      for (uint32_t c = 0; c < jobs.jobs[j].schedule->channel_count(); ++c) {
        const Channel channel = jobs.jobs[j].schedule->channel(c);
        const bool within = channel.src_rank / 2 == channel.dst_rank / 2;
        ASSERT_EQ(jobs.flow_of(j, c), within && scale_up ? kNone : number);
        if (within && scale_up) continue;
        const Flow flow = jobs.flow(number++);
        EXPECT_EQ(flow.job, j);
        EXPECT_EQ(flow.channel, c);
        EXPECT_EQ(flow.source / 2, channel.src_rank / 2);
        EXPECT_EQ(flow.destination / 2, channel.dst_rank / 2);
      }
    EXPECT_EQ(jobs.flow_count(), number);
    EXPECT_LT(jobs.first_mesh_flow(), number);
  }
}

TEST(Mesh, OnlyTheLastAllToAllOfTheLastIterationEndsAQueuePair) {
  TraceBuilder builder(4);
  builder.collective_of_all(trace::ALL_TO_ALL, 4'000);
  builder.collective_of_all(trace::ALL_TO_ALL, 4'000);
  JobInput job;
  job.iterations = 2;
  for (uint32_t rank = 0; rank < 4; ++rank) job.placement.push_back({rank, 0});
  job.source = trace::HeldTrace::of(builder.trace()).value();
  HostShape hosts;
  hosts.host_count = 4;
  const PlayedJobs jobs = compile_jobs({job}, hosts).value();
  for (uint32_t operation : {0U, 1U})
    for (uint32_t iteration : {0U, 1U})
      EXPECT_EQ(jobs.is_last(0, 5, operation, iteration), operation == 1 && iteration == 1);
  job.background = true;
  EXPECT_FALSE(compile_jobs({job}, hosts)->is_last(0, 5, 1, 1));
}

TEST(Mesh, EightThousandRanksMeetEachOtherInAMegabyte) {
  constexpr uint32_t kRanks = 8'192;
  TraceBuilder builder(kRanks);
  builder.collective_of_all(trace::ALL_TO_ALL, uint64_t{kRanks} << 16);
  const Schedule schedule = compile(builder.trace()).value();
  EXPECT_EQ(schedule.channel_count(), kRanks * (kRanks - 1));
  EXPECT_TRUE(schedule.channels.empty());
}

}  // namespace
}  // namespace railyard::schedule
