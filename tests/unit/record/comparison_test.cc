// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/record/comparison.h"

#include <gtest/gtest.h>

namespace railyard::record {
namespace {

SettingSummaries setting(const std::string& name, const std::string& metric,
                         const std::vector<double>& values) {
  SettingSummaries s{name, {}};
  for (const double value : values)
    s.runs.push_back({{}, {}, {}, {}, {{metric, {value, find_metric(metric)->unit}}}});
  return s;
}

TEST(Compare, FindsTheBestAndThatTheDifferenceIsReal) {
  const Comparison c = compare({setting("pfc", "iteration.time", {1.10, 1.11, 1.12}),
                                setting("dcqcn", "iteration.time", {0.99, 1.00, 1.01}),
                                setting("timely", "iteration.time", {0.98, 1.01, 1.02})});
  const ComparedMetric& m = *c.find("iteration.time");
  EXPECT_EQ(c.seeds, 3u);
  EXPECT_EQ(m.best, 1u);
  EXPECT_EQ(m.from_best[0], Difference::BeyondSpread);
  EXPECT_EQ(m.from_best[2], Difference::WithinSpread);
  EXPECT_FALSE(m.is_marked(0));
  EXPECT_TRUE(m.is_marked(1));
  EXPECT_TRUE(m.is_marked(2));
}

TEST(Compare, AWideSpreadDoesNotEarnAMark) {
  const Comparison c =
      compare({setting("best", "fct.p99", {1.0, 1.01, 1.02}), setting("worse", "fct.p99", {2.0, 2.01, 2.02}),
               setting("erratic", "fct.p99", {1.0, 2.5, 6})});
  const ComparedMetric& m = c.metrics[0];
  EXPECT_EQ(m.from_best[2], Difference::WithinSpread);
  EXPECT_TRUE(m.is_marked(0));
  EXPECT_FALSE(m.is_marked(1));
  EXPECT_FALSE(m.is_marked(2));
}

TEST(Compare, MarksNothingWhenNothingCanBeToldApart) {
  const Comparison c =
      compare({setting("a", "fct.p99", {1.0, 1.2, 1.4}), setting("b", "fct.p99", {1.1, 1.15, 1.3})});
  const ComparedMetric& m = *c.find("fct.p99");
  EXPECT_EQ(m.best, 1u);
  EXPECT_FALSE(m.is_marked(0));
  EXPECT_FALSE(m.is_marked(1));
}

TEST(Compare, MoreSettingsAskForMoreEvidence) {
  const std::vector<double> low = {1.00, 1.02, 1.04};
  const std::vector<double> high = {1.06, 1.08, 1.10};
  EXPECT_EQ(compare({setting("a", "fct.p99", low), setting("b", "fct.p99", high)}).metrics[0].from_best[1],
            Difference::BeyondSpread);
  std::vector<SettingSummaries> eight;
  for (int i = 0; i < 8; ++i) eight.push_back(setting(std::to_string(i), "fct.p99", i == 0 ? low : high));
  EXPECT_EQ(compare(eight).metrics[0].from_best[1], Difference::WithinSpread);
}

TEST(Compare, OneSeedSaysNothingAboutChance) {
  const Comparison c = compare({setting("a", "fct.p99", {1}), setting("b", "fct.p99", {2})});
  const ComparedMetric& m = c.metrics[0];
  EXPECT_EQ(m.best, 0u);
  EXPECT_EQ(m.from_best[1], Difference::Unknown);
  EXPECT_TRUE(m.is_marked(0));
  EXPECT_FALSE(m.is_marked(1));
}

TEST(Compare, ACountWithoutDirectionHasNoBest) {
  const Comparison c = compare({setting("a", "ecn_marks", {1, 1}), setting("b", "ecn_marks", {9, 9})});
  EXPECT_FALSE(c.metrics[0].best);
}

TEST(Compare, EqualSettingsHaveNoBest) {
  const Comparison c = compare({setting("a", "drops", {0, 0}), setting("b", "drops", {0, 0})});
  EXPECT_FALSE(c.metrics[0].best);
}

TEST(Compare, AMetricThatASettingLacksIsEmptyThere) {
  const Comparison c = compare({setting("a", "busbw.all_reduce", {1}), setting("b", "fct.p99", {2})});
  EXPECT_FALSE(c.find("busbw.all_reduce")->spread[1]);
  EXPECT_FALSE(c.find("busbw.all_reduce")->best == 1u);
  EXPECT_EQ(c.find("drops"), nullptr);
}

TEST(RelativeGain, IsRelativeToTheOther) {
  EXPECT_DOUBLE_EQ(*relative_gain(Better::Lower, 88, 100), 0.12);
  EXPECT_DOUBLE_EQ(*relative_gain(Better::Higher, 110, 100), 0.1);
  EXPECT_FALSE(relative_gain(Better::Lower, 0, 0));
}

}  // namespace
}  // namespace railyard::record
