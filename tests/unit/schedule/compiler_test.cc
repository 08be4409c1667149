// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/schedule/compiler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/schedule/trace_builder.h"

namespace railyard::schedule {
namespace {

using testing::HasSubstr;

std::string error_of(TraceBuilder& builder, const CompileOptions& options = {}) {
  const auto schedule = compile(builder.trace(), options);
  return schedule ? "compiled" : schedule.error();
}

TEST(Compiler, OneCollectiveOfAllItsMembersIsOneOperation) {
  TraceBuilder builder(4);
  builder.collective_of_all(trace::ALL_REDUCE, 1000);
  const auto schedule = compile(builder.trace());
  ASSERT_TRUE(schedule) << schedule.error();
  ASSERT_EQ(schedule->operations.size(), 1U);
  EXPECT_EQ(schedule->operations[0].kind, "all_reduce");
  EXPECT_EQ(schedule->operations[0].name, "collective");
  EXPECT_EQ(schedule->operations[0].bytes, 1000U);
  EXPECT_EQ(schedule->operations[0].group_size, 4U);
  EXPECT_EQ(schedule->programs.size(), 1U) << "all do the same";
}

TEST(Compiler, ARingNeedsOneChannelAMemberAndAnAllToAllTheRest) {
  TraceBuilder builder(4);
  builder.collective_of_all(trace::ALL_GATHER, 1000);
  EXPECT_EQ(compile(builder.trace())->channel_count(), 4U);
  builder.collective_of_all(trace::ALL_TO_ALL, 1000);
  EXPECT_EQ(compile(builder.trace())->channel_count(), 12U);
}

TEST(Compiler, SendsOfDifferentTagsHaveTheirOwnChannels) {
  TraceBuilder builder(2);
  builder.send(0, 1, 8, {}, 1);
  builder.send(0, 1, 16, {}, 2);
  builder.receive(1, 0, 16, {}, 2);
  builder.receive(1, 0, 8, {}, 1);
  const auto schedule = compile(builder.trace());
  ASSERT_TRUE(schedule) << schedule.error();
  EXPECT_EQ(schedule->channel_count(), 2U);
  EXPECT_EQ(schedule->communicators.size(), 2U);
  EXPECT_EQ(schedule->operations[0].kind, "send");
}

TEST(Compiler, WhatHasNoNameIsCalledAsWhatItIs) {
  TraceBuilder builder(2);
  builder.collective_of_all(trace::ALL_GATHER, 1000);
  builder.send(0, 1, 8);
  builder.receive(1, 0, 8);
  trace::Trace trace = builder.trace();
  for (trace::Rank& rank : *trace.mutable_ranks())
    for (trace::Operation& operation : *rank.mutable_operations()) operation.clear_name();
  const auto schedule = compile(trace);
  ASSERT_TRUE(schedule) << schedule.error();
  EXPECT_EQ(schedule->operations[0].name, "all_gather");
  EXPECT_EQ(schedule->operations[1].name, "send");
}

TEST(Compiler, ARingOverAThousandRanksIsNotUnrolled) {
  TraceBuilder builder(1024);
  builder.collective_of_all(trace::ALL_GATHER, uint64_t{1} << 33);
  const auto schedule = compile(builder.trace());
  ASSERT_TRUE(schedule) << schedule.error();
  EXPECT_EQ(schedule->programs.size(), 1U);
  EXPECT_EQ(schedule->programs[0].task_count(), 1U);
  EXPECT_EQ(schedule->channel_count(), 1024U);
}

TEST(CompilerRefuses, AnEmptyTrace) {
  TraceBuilder builder(2);
  EXPECT_EQ(error_of(builder), "the trace is empty: no rank has an operation");
}

TEST(CompilerRefuses, ARankThatIsMissing) {
  TraceBuilder builder(2);
  builder.compute(0, 10);
  builder.trace().mutable_header()->set_rank_count(3);
  EXPECT_EQ(error_of(builder), "rank 2 of 3 is missing in the trace; import every rank's file");
}

TEST(CompilerRefuses, ARankTwiceOrOutOfRange) {
  TraceBuilder builder(2);
  builder.compute(0, 10);
  builder.trace().mutable_ranks(1)->set_rank(0);
  EXPECT_EQ(error_of(builder), "the trace has rank 0 twice");
  builder.trace().mutable_ranks(1)->set_rank(5);
  EXPECT_EQ(error_of(builder), "the trace has a rank 5, but its header says 2 ranks");
}

TEST(CompilerRefuses, GroupsThatAreWrong) {
  TraceBuilder builder(2);
  builder.compute(0, 10);
  builder.add_group("tp", {0, 7});
  EXPECT_EQ(error_of(builder), "group 'tp' lists rank 7, but the trace has ranks 0 to 1; import every rank");
  builder.trace().mutable_header()->mutable_groups(1)->set_ranks(1, 0);
  EXPECT_EQ(error_of(builder), "group 'tp' lists rank 0 twice");
}

TEST(CompilerRefuses, ADependencyThatDoesNotPointBack) {
  TraceBuilder builder(1);
  builder.compute(0, 10);
  builder.compute(0, 10, {2});
  EXPECT_THAT(error_of(builder),
              HasSubstr("rank 0, operation 1 'compute' depends on the operation 2 before it"));
}

TEST(CompilerRefuses, AnOperationThatDoesNothing) {
  TraceBuilder builder(1);
  builder.add(0, "empty");
  EXPECT_THAT(error_of(builder), HasSubstr("rank 0, operation 0 'empty' does nothing"));
}

TEST(CompilerRefuses, AComputeTimeBeyondTheClock) {
  TraceBuilder builder(1);
  builder.compute(0, uint64_t{1} << 63);
  EXPECT_THAT(error_of(builder),
              HasSubstr("computes for 9223372036854775808 ns; a time can be at most 106 days"));
}

TEST(CompilerRefuses, ASendWithoutAReceive) {
  TraceBuilder builder(2);
  builder.send(0, 1, 8);
  builder.receive(1, 0, 8);
  builder.send(0, 1, 8);
  EXPECT_EQ(error_of(builder),
            "rank 0, operation 1 'send' sends to rank 1, which has no receive for it: 2 sends and 1 receives "
            "with tag "
            "0; add what is missing, or capture both ranks over the same steps");
}

TEST(CompilerRefuses, AReceiveWithoutASend) {
  TraceBuilder builder(2);
  builder.compute(1, 1);
  builder.receive(1, 0, 8);
  EXPECT_THAT(error_of(builder),
              HasSubstr("rank 1, operation 1 'receive' receives from rank 0, which has no send for it"));
}

TEST(CompilerRefuses, SizesThatDifferAtTheTwoEnds) {
  TraceBuilder builder(2);
  builder.send(0, 1, 8);
  builder.receive(1, 0, 16);
  EXPECT_THAT(error_of(builder), HasSubstr("rank 0, operation 0 'send' sends 8 B to rank 1, where rank 1, "
                                           "operation 0 'receive' receives 16 B"));
}

TEST(CompilerRefuses, AMessageOfMorePacketsThanCanBeNumbered) {
  constexpr uint64_t largest = uint64_t{64} << 30;
  TraceBuilder sends(2);
  sends.send(0, 1, largest + 1);
  sends.receive(1, 0, largest + 1);
  EXPECT_THAT(error_of(sends), HasSubstr("rank 0, operation 0 'send' sends a message of 68719476737 B"));

  TraceBuilder even(2);
  even.collective_of_all(trace::ALL_TO_ALL, 2 * largest);
  EXPECT_EQ(error_of(even), "compiled");
  TraceBuilder more(2);
  more.collective_of_all(trace::ALL_TO_ALL, 2 * largest + 1);
  EXPECT_THAT(error_of(more), HasSubstr("at most 64GiB"));
  TraceBuilder reduced(2);
  reduced.collective_of_all(trace::ALL_REDUCE, 4 * largest);  // goes in slices
  EXPECT_EQ(error_of(reduced), "compiled");
}

TEST(CompilerRefuses, APeerThatIsNoOther) {
  TraceBuilder builder(2);
  builder.send(0, 0, 8);
  EXPECT_THAT(error_of(builder), HasSubstr("rank 0, operation 0 'send' has its own rank as peer"));
  TraceBuilder beyond(2);
  beyond.receive(1, 2, 8);
  EXPECT_THAT(error_of(beyond),
              HasSubstr("rank 1, operation 0 'receive' has peer 2, but the trace has ranks 0 to 1"));
}

TEST(CompilerRefuses, CollectivesThatDifferInKindBytesOrRoot) {
  const std::pair<trace::CollectiveKind, uint64_t> others[] = {{trace::ALL_GATHER, 64},
                                                               {trace::ALL_REDUCE, 65}};
  for (const auto& [kind, bytes] : others) {
    TraceBuilder builder(2);
    builder.collective(0, trace::ALL_REDUCE, 64);
    builder.collective(1, kind, bytes);
    EXPECT_THAT(error_of(builder),
                HasSubstr("collective 0 of group 'world' differs between its members: rank 0, operation 0 "
                          "'collective' is all_reduce of 64 B, rank 1, operation 0 'collective' is all_"));
  }
  for (const auto kind : {trace::BROADCAST, trace::REDUCE, trace::GATHER, trace::SCATTER}) {
    TraceBuilder roots(2);
    roots.collective(0, kind, 64);
    roots.collective(1, kind, 64).set_root(1);
    EXPECT_THAT(error_of(roots), HasSubstr(" of 64 B with root 1; list the same collectives"));
  }
}

TEST(CompilerRefuses, CollectivesInAnotherOrder) {
  TraceBuilder builder(2);
  builder.collective(0, trace::ALL_REDUCE, 64);
  builder.collective(0, trace::ALL_GATHER, 64);
  builder.collective(1, trace::ALL_GATHER, 64);
  builder.collective(1, trace::ALL_REDUCE, 64);
  EXPECT_THAT(error_of(builder), HasSubstr("in the same order on every member"));
}

TEST(CompilerRefuses, ACollectiveThatAMemberLacks) {
  TraceBuilder builder(2);
  builder.collective_of_all(trace::ALL_REDUCE, 64);
  builder.collective(1, trace::ALL_REDUCE, 64);
  EXPECT_THAT(
      error_of(builder),
      HasSubstr("rank 1, operation 1 'collective' is collective 1 of group 'world', which rank 0 has no part "
                "in: it lists 1 of them, not 2"));
}

TEST(CompilerRefuses, ACollectiveOutsideOfItsGroup) {
  TraceBuilder builder(2);
  const uint32_t alone = builder.add_group("alone", {0});
  builder.collective(1, trace::ALL_REDUCE, 64, {}, alone);
  EXPECT_THAT(error_of(builder),
              HasSubstr("rank 1, operation 0 'collective' is in group 'alone', of which its rank"));
  TraceBuilder unknown(1);
  unknown.collective(0, trace::ALL_REDUCE, 64, {}, 3);
  EXPECT_THAT(error_of(unknown), HasSubstr("is in group 3, but the trace's header lists 1 groups"));
}

TEST(CompilerRefuses, ABroadcastFromOutsideAndAKindThatIsUnknown) {
  TraceBuilder builder(2);
  builder.collective(0, trace::BROADCAST, 64).set_root(2);
  EXPECT_THAT(error_of(builder), HasSubstr("has root 2, but group 'world' has members 0 to 1"));
  TraceBuilder unknown(1);
  unknown.collective(0, trace::COLLECTIVE_UNSPECIFIED, 64);
  EXPECT_THAT(error_of(unknown), HasSubstr("is a collective of no known kind"));
}

TEST(CompilerRefuses, SplitsThatDoNotFit) {
  TraceBuilder builder(2);
  trace::Collective& call = builder.collective(0, trace::ALL_TO_ALL, 64);
  call.add_split_bytes(64);
  EXPECT_THAT(error_of(builder), HasSubstr("has 1 splits, but group 'world' has 2 members"));
  call.add_split_bytes(1);
  EXPECT_THAT(error_of(builder), HasSubstr("has splits of 65 B in all, but a send buffer of 64 B"));
  call.set_kind(trace::ALL_REDUCE);
  EXPECT_THAT(error_of(builder), HasSubstr("has splits, which only all_to_all takes"));
}

TEST(CompilerRefuses, SendsAndReceivesThatWaitForEachOther) {
  TraceBuilder builder(2);
  for (uint32_t r = 0; r < 2; ++r) {
    builder.receive(r, 1 - r, 8);
    builder.send(r, 1 - r, 8, {1});
  }
  EXPECT_EQ(
      error_of(builder),
      "operations wait for each other and none can start: rank 0, operation 0 'receive' (receive from rank "
      "1) "
      "waits for rank 1, operation 1 'send' (send to rank 0), which waits for rank 1, operation 0 'receive' "
      "(receive from rank 0), which waits for rank 0, operation 1 'send' (send to rank 1), which waits for "
      "rank "
      "0, operation 0 'receive' (receive from rank 1); list them in an order that every rank can follow, or "
      "remove a dependency");
}

TEST(CompilerRefuses, GroupsWhoseCollectivesAreCrossed) {
  TraceBuilder builder(2);
  const uint32_t other = builder.add_group("other", {0, 1});
  builder.collective(0, trace::ALL_REDUCE, 64);
  builder.collective(0, trace::ALL_REDUCE, 64, {1}, other);
  builder.collective(1, trace::ALL_REDUCE, 64, {}, other);
  builder.collective(1, trace::ALL_REDUCE, 64, {1});
  EXPECT_THAT(error_of(builder),
              HasSubstr("rank 0, operation 0 'collective' (all_reduce) waits for rank 1, operation "
                        "1 'collective' (all_reduce), which waits for rank 1, operation 0"));
}

TEST(CompilerRefuses, ASendBehindOneThatCannotLeave) {
  TraceBuilder builder(2);
  builder.receive(0, 1, 8);
  builder.send(0, 1, 8, {1});  // holds back the next, which depends on nothing
  builder.send(0, 1, 8);
  builder.receive(1, 0, 8);
  builder.receive(1, 0, 8);
  builder.send(1, 0, 8, {1});
  EXPECT_THAT(error_of(builder),
              HasSubstr("rank 0, operation 2 'send' (send to rank 1), which waits for rank 0, "
                        "operation 1 'send' (send to rank 1)"));
}

}  // namespace
}  // namespace railyard::schedule
