// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/record/stragglers.h"

#include <gtest/gtest.h>

#include "tests/unit/record/record_builder.h"
#include "traffic/record/metrics.h"

namespace railyard::record {
namespace {

// Four ranks, all-reduces in pairs {0, 1} and {2, 3} and then of {0, 2} and {1, 3}: rank 1 takes 30 us
// longer.
Record pairs_record() {
  Record r;
  r.jobs = {{"train", false, 4, 1}};
  for (uint32_t i = 0; i < 4; ++i) r.operations.push_back({0, "pair", "all_reduce", 1'000, 2});
  for (uint32_t rank = 0; rank < 4; ++rank) r.iterations.push_back({0, 0, rank, us(0), us(100)});
  r.spans = {{0, 0, 0, us(10), us(45)}, {0, 0, 1, us(40), us(45)}, {1, 0, 2, us(10), us(15)},
             {1, 0, 3, us(10), us(15)}, {2, 0, 0, us(55), us(60)}, {2, 0, 2, us(25), us(60)},
             {3, 0, 1, us(55), us(60)}, {3, 0, 3, us(25), us(60)}};
  return r;
}

TEST(Stragglers, AreThoseWhoTookLongerThemselves) {
  const auto found = find_stragglers(pairs_record());
  ASSERT_EQ(found.size(), 1U);
  // Rank 0 comes late to its second one, by 30 us, too, but took no longer on its way.
  EXPECT_EQ(found[0].rank, 1U);
  EXPECT_EQ(found[0].collectives, 2U);
  EXPECT_EQ(found[0].last, 1U);
  EXPECT_NEAR(found[0].late, 30e-6, 1e-12);
  EXPECT_NEAR(found[0].waited, 10e-6, 1e-12);  // 30 us of rank 0, over three others
}

TEST(Stragglers, AreFoundByTheMeanOfIterations) {
  // Rank 3 comes at 20 us where the others come at 10; in the second iteration all come at 110.
  const auto found = find_stragglers(small_record());
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].rank, 3U);
  EXPECT_EQ(found[0].last, 1U);
  EXPECT_GT(found[0].waited, 0);
}

TEST(Stragglers, AreNoneWhereNobodyWaits) {
  Record r = pairs_record();
  for (Span& span : r.spans) span.start = us(10);
  EXPECT_TRUE(find_stragglers(r).empty());
}

TEST(Sizes, GroupSendsByPowersOfTen) {
  Record r;
  r.jobs = {{"mix", false, 2, 1}};
  const auto add = [&](uint64_t bytes, int64_t completion_us) {
    r.operations.push_back({0, "send", "send", bytes, 2});
    r.messages.push_back({static_cast<uint32_t>(r.operations.size() - 1), 0, 0, 1, bytes, us(0),
                          us(completion_us), us(completion_us), us(10)});
  };
  add(1, 10), add(1'000, 30), add(1'001, 50), add(10'000, 70), add(5'000'000, 20);
  const Summary summary = summarise(r);
  ASSERT_EQ(summary.sizes.size(), 3U);
  EXPECT_EQ(summary.sizes[0].most, Bytes{1'000});
  EXPECT_EQ(summary.sizes[0].finished, 2U);
  EXPECT_DOUBLE_EQ(summary.metrics.at("slowdown.mean.1kB").value, 2);
  EXPECT_DOUBLE_EQ(summary.metrics.at("slowdown.p99.1kB").value, 3);
  EXPECT_DOUBLE_EQ(summary.metrics.at("slowdown.mean.10kB").value, 6);
  EXPECT_DOUBLE_EQ(summary.metrics.at("slowdown.mean.10MB").value, 2);
  EXPECT_DOUBLE_EQ(summary.metrics.at("slowdown.mean").value, 3.6);

  r.operations.resize(2), r.messages.resize(2);
  EXPECT_EQ(summarise(r).metrics.count("slowdown.mean.1kB"), 0U) << "one size is all";
}

TEST(Interference, IsTheTimeBesideTheOthersOverThatAlone) {
  Summary beside = summarise(small_record()), alone = beside;
  alone.jobs[0].iteration_p50 = beside.jobs[0].iteration_p50 / 1.5;
  add_interference(beside, 0, alone);
  EXPECT_DOUBLE_EQ(beside.metrics.at("interference.train").value, 1.5);
  add_interference(beside, 1, alone);  // has no iterations
  EXPECT_EQ(beside.metrics.count("interference.noise"), 0U);
}

}  // namespace
}  // namespace railyard::record
