// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/schedule/replicate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/schedule/ideal_network.h"
#include "tests/unit/schedule/trace_builder.h"
#include "traffic/pattern/schedule/compiler.h"

namespace railyard::schedule {
namespace {

using testing::ElementsAre;

TEST(Replicate, AGroupOfAllRanksBecomesOneOfAllAndKeepsItsBytes) {
  TraceBuilder builder(2);
  builder.collective_of_all(trace::ALL_REDUCE, 1000);
  const trace::Trace trace = replicate(builder.trace(), 3);
  EXPECT_EQ(trace.header().rank_count(), 6U);
  ASSERT_EQ(trace.header().groups_size(), 1);
  EXPECT_THAT(trace.header().groups(0).ranks(), ElementsAre(0, 1, 2, 3, 4, 5));
  ASSERT_EQ(trace.ranks_size(), 6);
  EXPECT_EQ(trace.ranks(5).rank(), 5U);
  EXPECT_EQ(trace.ranks(5).operations(0).collective().bytes(), 1000U);
}

TEST(Replicate, SmallerGroupsAndMessagesStayWithinTheirCopy) {
  TraceBuilder builder(4);
  const uint32_t pair = builder.add_group("pair", {1, 3});
  for (uint32_t r : {1U, 3U}) builder.collective(r, trace::ALL_GATHER, 64, {}, pair);
  builder.send(0, 2, 8);
  builder.receive(2, 0, 8);
  const trace::Trace trace = replicate(builder.trace(), 2);
  ASSERT_EQ(trace.header().groups_size(), 3);
  EXPECT_THAT(trace.header().groups(2).ranks(), ElementsAre(5, 7));
  EXPECT_EQ(trace.header().groups(2).name(), "pair copy 1");
  EXPECT_EQ(trace.ranks(5).operations(0).collective().group(), 2U);
  EXPECT_EQ(trace.ranks(4).operations(0).send().peer(), 6U);
  EXPECT_EQ(trace.ranks(6).operations(0).receive().peer(), 4U);
  EXPECT_TRUE(compile(trace));
}

TEST(Replicate, UnevenSplitsAreSpreadOverTheCopiesAndAddUp) {
  TraceBuilder builder(2);
  for (uint32_t r = 0; r < 2; ++r) {
    trace::Collective& call = builder.collective(r, trace::ALL_TO_ALL, 18);
    call.add_split_bytes(7);
    call.add_split_bytes(11);
  }
  const trace::Trace trace = replicate(builder.trace(), 2);
  EXPECT_THAT(trace.ranks(3).operations(0).collective().split_bytes(), ElementsAre(4, 6, 3, 5));
  const auto schedule = compile(trace);
  ASSERT_TRUE(schedule) << schedule.error();
  IdealNetwork network(*schedule, 1, SimTime::nanoseconds(100), 20);
  EXPECT_TRUE(network.run());
}

}  // namespace
}  // namespace railyard::schedule
