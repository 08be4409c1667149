// SPDX-License-Identifier: BSD-3-Clause
// What is exported is read again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/unit/trace/import_text.h"
#include "traffic/pattern/schedule/compiler.h"
#include "traffic/pattern/schedule/goal_writer.h"
#include "traffic/pattern/trace/export/chakra_writer.h"
#include "traffic/pattern/trace/rank_builder.h"
#include "traffic/pattern/trace/scale.h"
#include "traffic/pattern/trace/statistics.h"
#include "traffic/pattern/workload/single_collective.h"
#include "traffic/pattern/workload/training_step.h"

namespace railyard::trace {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Each kind of operation once, on three ranks of which two are a group.
Trace every_operation() {
  Trace trace;
  trace.mutable_header()->set_rank_count(3);
  Group& all = *trace.mutable_header()->add_groups();
  all.set_name("all");
  Group& pair = *trace.mutable_header()->add_groups();
  pair.set_name("pair");
  for (uint32_t r = 0; r < 3; ++r) {
    all.add_ranks(r);
    if (r > 0) pair.add_ranks(r);
    Rank& rank = *trace.add_ranks();
    rank.set_rank(r);
    RankBuilder builder(rank);
    auto last = builder.compute("compute", 5000);
    for (const CollectiveKind kind :
         {ALL_REDUCE, ALL_GATHER, REDUCE_SCATTER, BROADCAST, ALL_TO_ALL, REDUCE, GATHER, SCATTER, BARRIER})
      last = builder.collective("c", kind, 0, kind == BARRIER ? 0 : 3000, {last});
    if (r > 0) last = builder.collective("p", ALL_REDUCE, 1, 100, {last});
    if (r == 0) builder.send(1, 64, 3, {last});
    if (r == 1) builder.receive(0, 64, 3, {last});
  }
  return trace;
}

TEST(Export, ChakraIsReadAgain) {
  TemporaryFolder folder;
  const Trace trace = every_operation();
  const std::string out = folder.file("out");
  ASSERT_TRUE(write_chakra(trace, out, "job"));
  const auto again = import_trace({out});
  ASSERT_TRUE(again) << again.error();
  for (int rank = 0; rank < 3; ++rank)
    EXPECT_EQ(operations_of(again->trace, rank), operations_of(trace, rank));
  const auto groups = nlohmann::json::parse(*read_file(out + "/comm_group.json"));
  EXPECT_EQ(groups, nlohmann::json({{"1", {0, 1, 2}}, {"2", {1, 2}}}));
}

TEST(Export, GoalHasTheMessagesOfTheRing) {
  SingleCollectiveSettings settings;
  settings.ranks = 4;
  settings.bytes = {4 << 20};
  const Trace trace = make_single_collective(settings).value();
  const auto goal = schedule::write_goal(trace);
  ASSERT_TRUE(goal) << goal.error();
  const ImportResult again = import_files({{"x.goal", *goal}});
  ASSERT_EQ(again.trace.ranks_size(), 4);
  for (const Rank& rank : again.trace.ranks()) {
    uint64_t sent = 0;
    for (const Operation& operation : rank.operations()) sent += operation.send().bytes();
    EXPECT_EQ(sent, 2 * 3 * (uint64_t{4} << 20) / 4) << "2 (n - 1) / n of the buffer";
  }
  EXPECT_TRUE(schedule::compile(again.trace)) << "every receive is met, and nothing waits in a circle";
}

TEST(Export, GoalKeepsComputeAndMessages) {
  const auto goal = schedule::write_goal(every_operation());
  ASSERT_TRUE(goal) << goal.error();
  const Trace again = import_files({{"x.goal", *goal}}).trace;
  EXPECT_THAT(operations_of(again, 0), testing::Contains("5000 ns"));
  EXPECT_THAT(operations_of(again, 0), testing::Contains("send 64>1"));
  EXPECT_TRUE(schedule::compile(again));
}

TEST(Export, GoalRefusesWhatWouldFillADisk) {
  SingleCollectiveSettings settings;
  settings.ranks = 256;
  settings.bytes = {uint64_t{1} << 38};
  EXPECT_THAT(schedule::write_goal(make_single_collective(settings).value()).error(),
              HasSubstr("of which GOAL needs every one"));
}

TEST(Scale, ComputeAndBytesApart) {
  Trace trace = every_operation();
  trace.mutable_ranks(0)->mutable_operations(5)->mutable_collective()->mutable_split_bytes()->Add(1000);
  scale(trace, {0.5, 2});
  EXPECT_EQ(trace.ranks(0).operations(0).compute().duration_ns(), 2500u);
  EXPECT_EQ(trace.ranks(0).operations(1).collective().bytes(), 6000u);
  EXPECT_EQ(trace.ranks(0).operations(5).collective().bytes(), 2000u)
      << "an uneven one is the sum of its parts";
  EXPECT_EQ(trace.ranks(0).operations(10).send().bytes(), 128u);
  EXPECT_EQ(trace.ranks(1).operations(11).receive().bytes(), 128u);
}

TEST(Statistics, ACollectiveCountsOnce) {
  const TraceStatistics statistics = statistics_of(every_operation());
  ASSERT_EQ(statistics.rows.size(), 11u);
  EXPECT_EQ(statistics.rows.back().kind, "barrier");
  const TrafficRow& row = statistics.rows[9];
  EXPECT_EQ(row.kind, "send");
  EXPECT_EQ(row.bytes, 64u);
  for (const TrafficRow& one : statistics.rows) EXPECT_EQ(one.count, 1u) << one.kind;
  EXPECT_EQ(statistics.compute_ns.mean, 5000u);
  EXPECT_THAT(to_text(statistics), HasSubstr("all-gather            3         1               3000"));
}

}  // namespace
}  // namespace railyard::trace
