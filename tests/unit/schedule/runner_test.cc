// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/schedule/runner.h"

#include <gtest/gtest.h>

#include "tests/unit/schedule/ideal_network.h"
#include "tests/unit/schedule/trace_builder.h"
#include "traffic/pattern/schedule/compiler.h"

namespace railyard::schedule {
namespace {

constexpr SimTime kLatency = SimTime::nanoseconds(1'700);
constexpr int64_t kPsPerByte = 20;  // 400 Gb/s

Schedule compiled(TraceBuilder& builder) {
  auto schedule = compile(builder.trace());
  EXPECT_TRUE(schedule) << schedule.error();
  return std::move(*schedule);
}

SimTime message_time(uint64_t bytes) {
  return kLatency + SimTime{static_cast<int64_t>(bytes) * kPsPerByte};
}

TEST(Runner, RingAllReduceTakesTwoPassesOfLatencyAndChunk) {
  for (uint32_t n : {2U, 3U, 8U, 16U}) {
    TraceBuilder builder(n);
    const uint64_t chunk = 100'000;
    builder.collective_of_all(trace::ALL_REDUCE, chunk * n);
    const Schedule schedule = compiled(builder);
    IdealNetwork network(schedule, 1, kLatency, kPsPerByte);
    ASSERT_TRUE(network.run());
    EXPECT_EQ(network.now(), message_time(chunk) * (2 * (n - 1))) << n;
    EXPECT_EQ(network.spans.size(), n);
    for (uint32_t r = 0; r < n; ++r) EXPECT_EQ(network.bytes_sent(r), 2 * (n - 1) * chunk);
  }
}

TEST(Runner, SlicesHideTheLatencyOfAllButTheFirst) {
  TraceBuilder builder(4);
  builder.collective_of_all(trace::ALL_GATHER, 4 * (8 << 20));  // 8 slices a chunk, a window of 4
  const Schedule schedule = compiled(builder);
  IdealNetwork network(schedule, 1, kLatency, kPsPerByte);
  ASSERT_TRUE(network.run());
  EXPECT_EQ(network.now(), message_time(3 * (8 << 20)));
  EXPECT_EQ(network.max_in_flight(0), 4U);
}

TEST(Runner, ChainBroadcastTakesTheTimeOfItsFormula) {
  TraceBuilder builder(5);
  const uint64_t slice = 512 << 10, k = 6;
  builder.collective_of_all(trace::BROADCAST, k * slice);
  const Schedule schedule = compiled(builder);
  IdealNetwork network(schedule, 1, SimTime{}, kPsPerByte);
  ASSERT_TRUE(network.run());
  EXPECT_EQ(network.now(), SimTime{static_cast<int64_t>(slice) * kPsPerByte} * (5 - 2 + k));
}

TEST(Runner, AllToAllKeepsEightRoundsUnderWay) {
  TraceBuilder builder(16);
  builder.collective_of_all(trace::ALL_TO_ALL, 16 * 1000);
  const Schedule schedule = compiled(builder);
  IdealNetwork network(schedule, 1, SimTime::microseconds(100), kPsPerByte);
  ASSERT_TRUE(network.run());
  EXPECT_EQ(network.max_in_flight(3), 8U);
  EXPECT_EQ(network.bytes_sent(3), 15'000U);
}

TEST(Runner, UnevenAllToAllSendsItsSplitsAndSkipsEmptyOnes) {
  TraceBuilder builder(3);
  const uint64_t splits[3][3] = {{1, 20, 300}, {0, 5, 0}, {7, 0, 0}};
  for (uint32_t r = 0; r < 3; ++r) {
    trace::Collective& call = builder.collective(r, trace::ALL_TO_ALL, 0);
    for (uint64_t bytes : splits[r]) {
      call.add_split_bytes(bytes);
      call.set_bytes(call.bytes() + bytes);
    }
  }
  const Schedule schedule = compiled(builder);
  EXPECT_EQ(schedule.operations[0].bytes, 321U);
  IdealNetwork network(schedule, 2, kLatency, kPsPerByte);
  ASSERT_TRUE(network.run());
  EXPECT_EQ(network.bytes_sent(0), 2U * 320);
  EXPECT_EQ(network.bytes_sent(1), 0U);
  EXPECT_EQ(network.bytes_sent(2), 2U * 7);
}

TEST(Runner, EveryKindEndsForManySizesWithRanksThatStartLate) {
  for (uint32_t n : {1U, 2U, 5U, 9U}) {
    for (uint64_t bytes : {0U, 1U, 7U, 1000U, 5'000'001U}) {
      TraceBuilder builder(n);
      for (int kind = trace::ALL_REDUCE; kind <= trace::BARRIER; ++kind) {
        builder.collective_of_all(static_cast<trace::CollectiveKind>(kind), bytes);
      }
      const Schedule schedule = compiled(builder);
      IdealNetwork network(schedule, 3, kLatency, kPsPerByte);
      for (uint32_t r = 0; r < n; ++r) network.delay_start(r, SimTime::microseconds((r * 37) % 100));
      EXPECT_TRUE(network.run()) << n << " ranks, " << bytes << " B";
      EXPECT_EQ(network.spans.size(), n * 9 * 3);
      EXPECT_EQ(network.iterations.size(), n * 3);
    }
  }
}

TEST(Runner, ComputeDelaysWhatDependsOnItAndNothingElse) {
  TraceBuilder builder(2);
  builder.compute(0, 5'000);
  builder.send(0, 1, 100, {1}, 1);
  builder.send(0, 1, 100, {}, 2);
  builder.receive(1, 0, 100, {}, 1);
  builder.receive(1, 0, 100, {}, 2);
  const Schedule schedule = compiled(builder);
  IdealNetwork network(schedule, 1, kLatency, kPsPerByte);
  ASSERT_TRUE(network.run());
  EXPECT_EQ(network.end_of(0), SimTime::nanoseconds(5'000) + message_time(100));
  EXPECT_EQ(network.end_of(1), message_time(100));
}

TEST(Runner, IndependentComputeOverlapsInOrderOfItsEnd) {
  TraceBuilder builder(2);
  builder.compute(0, 3'000);
  builder.compute(0, 1'000);
  builder.send(0, 1, 100, {1});
  builder.receive(1, 0, 100);
  const Schedule schedule = compiled(builder);
  IdealNetwork network(schedule, 2, kLatency, kPsPerByte);
  ASSERT_TRUE(network.run());
  EXPECT_EQ(network.end_of(0, 0), SimTime::nanoseconds(1'000) + message_time(100));
  EXPECT_EQ(network.end_of(0, 1), SimTime::nanoseconds(4'000) + message_time(100));
}

TEST(Runner, CollectivesOfOneGroupFollowEachOtherAndThoseOfTwoOverlap) {
  TraceBuilder builder(2);
  const uint32_t other = builder.add_group("other", {0, 1});
  for (uint32_t r = 0; r < 2; ++r) {
    builder.collective(r, trace::ALL_REDUCE, 2000);
    builder.collective(r, trace::ALL_REDUCE, 2000);
    builder.collective(r, trace::ALL_REDUCE, 2000, {}, other);
  }
  const Schedule schedule = compiled(builder);
  IdealNetwork network(schedule, 1, kLatency, 0);
  ASSERT_TRUE(network.run());
  EXPECT_EQ(network.end_of(0), kLatency * 2);
  EXPECT_EQ(network.end_of(1), kLatency * 4);
  EXPECT_EQ(network.end_of(2), kLatency * 2);
}

TEST(Runner, MessagesThatComeBeforeTheirReceiverIsReadyAreKept) {
  TraceBuilder builder(2);
  builder.send(0, 1, 100);
  builder.send(0, 1, 200);
  builder.compute(1, 50'000);
  builder.receive(1, 0, 100, {1});
  builder.receive(1, 0, 200, {1});
  const Schedule schedule = compiled(builder);
  IdealNetwork network(schedule, 3, kLatency, kPsPerByte);
  network.delay_start(1, SimTime::microseconds(500));
  ASSERT_TRUE(network.run());
  // The sender runs three iterations ahead; the receiver pays its compute in each.
  EXPECT_EQ(network.now(), SimTime::microseconds(650));
}

TEST(Runner, ReceivesOfOneChannelEndWithTheirOwnMessageWhateverTheOrderTheyStartIn) {
  TraceBuilder builder(2);
  builder.send(0, 1, 100);
  builder.send(0, 1, 100);
  builder.compute(1, 50'000);
  builder.receive(1, 0, 100, {1});  // starts after its message
  builder.receive(1, 0, 100);       // starts before
  const Schedule schedule = compiled(builder);
  IdealNetwork network(schedule, 1, kLatency, kPsPerByte);
  ASSERT_TRUE(network.run());
  SimTime ends[2];
  for (const auto& span : network.spans) {
    if (span.rank == 1) ends[span.operation] = span.end;
  }
  EXPECT_EQ(ends[0], SimTime::microseconds(50));
  EXPECT_EQ(ends[1], message_time(200));
}

TEST(Runner, SendsOfAChannelLeaveInProgramOrder) {
  TraceBuilder builder(2);
  builder.compute(0, 50'000);
  builder.send(0, 1, 100, {1});
  builder.send(0, 1, 200);
  builder.receive(1, 0, 100);
  builder.receive(1, 0, 200);
  const Schedule schedule = compiled(builder);
  IdealNetwork network(schedule, 1, kLatency, kPsPerByte);
  ASSERT_TRUE(network.run());
  ASSERT_EQ(network.posts.size(), 2U);
  EXPECT_EQ(network.posts[0].bytes, 100U);
  EXPECT_EQ(network.posts[1].bytes, 200U);
  EXPECT_EQ(network.posts[1].at, SimTime::microseconds(50));
}

TEST(Runner, AMessageOfNoBytesIsSentAsOneByte) {
  TraceBuilder builder(2);
  builder.send(0, 1, 0);
  builder.receive(1, 0, 0);
  const Schedule schedule = compiled(builder);
  IdealNetwork network(schedule, 1, kLatency, kPsPerByte);
  ASSERT_TRUE(network.run());
  EXPECT_EQ(network.posts.at(0).bytes, 1U);
}

TEST(Runner, EachRankStartsItsNextIterationWhenItsOwnOperationsHaveEnded) {
  TraceBuilder builder(2);
  builder.compute(0, 10'000);
  builder.compute(1, 30'000);
  const Schedule schedule = compiled(builder);
  IdealNetwork network(schedule, 2, kLatency, kPsPerByte);
  ASSERT_TRUE(network.run());
  ASSERT_EQ(network.iterations.size(), 4U);
  EXPECT_EQ(network.iterations[1].rank, 0U);
  EXPECT_EQ(network.iterations[1].iteration, 1U);
  EXPECT_EQ(network.iterations[1].start, SimTime::microseconds(10));
  EXPECT_EQ(network.iterations[1].end, SimTime::microseconds(20));
  EXPECT_EQ(network.now(), SimTime::microseconds(60));
}

TEST(Runner, EndlessIterationsGoOnAndARankWithNothingToDoEnds) {
  TraceBuilder builder(3);
  builder.send(0, 1, 1000);
  builder.receive(1, 0, 1000);
  const Schedule schedule = compiled(builder);
  IdealNetwork network(schedule, 0, kLatency, kPsPerByte);
  EXPECT_FALSE(network.run(message_time(1000) * 10));
  EXPECT_FALSE(network.runner(0).done());
  EXPECT_EQ(network.runner(0).iteration(), 10U);
  EXPECT_TRUE(network.runner(2).done());
}

TEST(Runner, OnTimeAtOtherTimesDoesNothing) {
  TraceBuilder builder(1);
  builder.compute(0, 10'000);
  const Schedule schedule = compiled(builder);
  IdealNetwork network(schedule, 1, kLatency, kPsPerByte);
  RankRunner runner(schedule, 0, 1);
  runner.on_time(SimTime{}, network);
  runner.start(SimTime{}, network);
  runner.on_time(SimTime::microseconds(9), network);
  EXPECT_FALSE(runner.done());
  runner.on_time(SimTime::microseconds(11), network);
  EXPECT_TRUE(runner.done());
  runner.on_time(SimTime::microseconds(12), network);
  EXPECT_EQ(network.iterations.size(), 1U);
}

}  // namespace
}  // namespace railyard::schedule
