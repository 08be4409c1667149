// SPDX-License-Identifier: BSD-3-Clause
// Collectives by an algorithm that the user gives.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/collective/msccl_text.h"
#include "tests/unit/schedule/ideal_network.h"
#include "tests/unit/schedule/trace_builder.h"
#include "traffic/pattern/schedule/compiler.h"
#include "traffic/pattern/schedule/played_jobs.h"

namespace railyard::schedule {
namespace {

constexpr SimTime kLatency = SimTime::nanoseconds(1'700);
constexpr int64_t kPsPerByte = 20;  // 400 Gb/s

Schedule compiled(TraceBuilder& builder, const std::string& custom,
                  ClearToSend clear_to_send = ClearToSend::None) {
  CompileOptions options;
  options.collectives.custom = custom;
  options.collectives.clear_to_send = clear_to_send;
  auto schedule = compile(builder.trace(), options);
  EXPECT_TRUE(schedule) << schedule.error();
  return std::move(*schedule);
}

// The ring that msccl-tools would write is ours: as many bytes, in as many messages, and as long, where a
// chunk is a slice; else a thread block ends a loop before it begins the next, and latency is seen in each.
TEST(CustomRuns, ARingIsTheRing) {
  for (const auto& [bytes, slower] : {std::pair{8u << 10, 1.0}, {8u << 20, 1.0}, {40u << 20, 1.08}}) {
    TraceBuilder builder(8);
    builder.collective_of_all(trace::ALL_REDUCE, bytes);
    const Schedule own = compiled(builder, ""), given = compiled(builder, collective::msccl_ring(8));
    EXPECT_EQ(given.operations[0].algorithm->name, "custom");
    IdealNetwork by_own(own, 1, kLatency, kPsPerByte), by_given(given, 1, kLatency, kPsPerByte);
    ASSERT_TRUE(by_own.run());
    ASSERT_TRUE(by_given.run());
    EXPECT_EQ(by_given.posts.size(), by_own.posts.size());
    for (uint32_t rank = 0; rank < 8; ++rank) EXPECT_EQ(by_given.bytes_sent(rank), by_own.bytes_sent(rank));
    EXPECT_NEAR(by_given.end_of(0).to_seconds() / by_own.end_of(0).to_seconds(), slower, 0.005) << bytes;
  }
}

TEST(CustomRuns, ThreadBlocksThatWaitForEachOtherEnd) {
  for (const ClearToSend granted : {ClearToSend::None, ClearToSend::Nccl})
    for (const uint32_t n : {2u, 3u, 8u}) {
      TraceBuilder builder(n);
      builder.collective_of_all(trace::ALL_REDUCE, n * (5 << 19));
      builder.collective_of_all(trace::ALL_TO_ALL, n * 1'000);
      const Schedule schedule = compiled(builder, collective::msccl_all_pairs(n), granted);
      IdealNetwork network(schedule, 2, kLatency, kPsPerByte);
      for (uint32_t r = 0; r < n; ++r) network.delay_start(r, SimTime::microseconds((r * 37) % 100));
      ASSERT_TRUE(network.run()) << n;
      EXPECT_EQ(network.spans.size(), n * 2U * 2);
    }
}

// A reduced chunk leaves when it has come from everybody: here the last one comes late.
TEST(CustomRuns, AStepWaitsForWhatItNames) {
  TraceBuilder builder(3);
  builder.compute(2, 500'000);
  for (uint32_t rank = 0; rank < 3; ++rank)
    builder.collective(rank, trace::ALL_REDUCE, 3'000,
                       rank == 2 ? std::vector<uint32_t>{1} : std::vector<uint32_t>{});
  const Schedule schedule = compiled(builder, collective::msccl_all_pairs(3));
  IdealNetwork network(schedule, 1, kLatency, kPsPerByte);
  ASSERT_TRUE(network.run());
  uint32_t early = 0;
  for (const IdealNetwork::Post& post : network.posts) early += post.at < SimTime::microseconds(500);
  // Ranks 0 and 1 have sent their chunks to both others, and nothing that they reduced.
  EXPECT_EQ(early, 4U);
}

TEST(CustomRuns, OthersGoTheScenariosWay) {
  TraceBuilder builder(8);
  builder.collective_of_all(trace::ALL_REDUCE, 8'001);
  builder.collective_of_all(trace::ALL_GATHER, 8'000);
  builder.collective_of_all(trace::ALL_REDUCE, 8'000);
  const Schedule schedule = compiled(builder, collective::msccl_ring(8));
  EXPECT_EQ(schedule.operations[0].algorithm->name, "ring");
  EXPECT_EQ(schedule.operations[1].algorithm->name, "ring");
  EXPECT_EQ(schedule.operations[2].algorithm->name, "custom");
}

TEST(CustomRuns, OneThatCarriesNothingIsRefused) {
  TraceBuilder builder(4);
  builder.collective_of_all(trace::ALL_REDUCE, 8'000);
  JobInput job;
  job.name = "four";
  job.source = trace::HeldTrace::of(builder.trace()).value();
  for (uint32_t rank = 0; rank < 4; ++rank) job.placement.push_back({rank, 0});
  HostShape hosts;
  hosts.host_count = 4;
  CompileOptions options;
  options.collectives.custom = collective::msccl_ring(8);
  const auto played = compile_jobs({job}, hosts, options);
  ASSERT_FALSE(played);
  EXPECT_THAT(played.error(),
              testing::HasSubstr("is an algorithm for all_reduce among 8 members, whose bytes are a "
                                 "multiple of 8, and the jobs have no such collective"));
}

}  // namespace
}  // namespace railyard::schedule
