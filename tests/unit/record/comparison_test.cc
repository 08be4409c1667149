// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/record/comparison.h"

#include <gtest/gtest.h>

namespace railyard::record {
namespace {

SettingSummaries setting(const std::string& name, const std::string& metric,
                         const std::vector<double>& values) {
  SettingSummaries s{name, {}, {}};
  for (const double value : values) {
    s.runs.push_back({{}, {}, {}, {}, {}, {{metric, {value, find_metric(metric)->unit}}}});
    s.seeds.push_back(s.runs.size());
  }
  return s;
}

ComparedMetric of(const std::vector<std::vector<double>>& values, const ComparisonRule& rule = {}) {
  return compare_values(*find_metric("iteration.time"), values, rule);
}

TEST(Compare, FindsTheBestAndThatTheDifferenceIsReal) {
  const Comparison c = compare({setting("pfc", "iteration.time", {1.10, 1.11, 1.12, 1.115}),
                                setting("dcqcn", "iteration.time", {0.99, 1.00, 1.005, 1.01}),
                                setting("timely", "iteration.time", {0.90, 1.04, 1.12, 1.06})});
  const ComparedMetric& m = *c.find("iteration.time");
  EXPECT_EQ(c.seeds, 4u);
  EXPECT_EQ(m.best, 1u);
  EXPECT_EQ(m.from_best[0].outcome, Outcome::Worse);
  EXPECT_EQ(m.from_best[2].outcome, Outcome::Undecided);
  EXPECT_EQ(m.tests, 3u);
}

// What varies with the seed in both alike hides nothing: by Welch's test these would not be told apart.
TEST(Compare, JudgesTheDifferencesWithinEachSeed) {
  const ComparedMetric m = of({{1.0, 1.2, 1.4, 1.6, 1.8}, {1.02, 1.221, 1.419, 1.622, 1.82}});
  EXPECT_EQ(m.from_best[1].outcome, Outcome::Worse);
  EXPECT_EQ(m.from_best[1].decider, Decider::PairedT);
  EXPECT_NEAR(m.from_best[1].mean, 0.0204, 1e-12);
}

TEST(Compare, PairsBySeedNotByPlace) {
  SettingSummaries a = setting("a", "fct.p99", {1.0, 1.2, 1.4, 1.6});
  SettingSummaries b = setting("b", "fct.p99", {1.621, 1.42, 1.222, 1.02});
  b.seeds = {4, 3, 2, 1};
  const Comparison c = compare({a, b});
  EXPECT_NEAR(c.metrics[0].from_best[1].mean, 0.02075, 1e-12);
  EXPECT_EQ(c.metrics[0].from_best[1].outcome, Outcome::Worse);
}

TEST(Compare, AWholeIntervalBelowWhatMattersIsTheSame) {
  const std::vector<double> a = {1.000, 1.010, 1.020, 1.030, 1.040};
  const std::vector<double> b = {1.001, 1.0112, 1.0209, 1.0311, 1.0409};
  EXPECT_EQ(of({a, b}).from_best[1].outcome, Outcome::Same);
  EXPECT_EQ(of({a, b}, {0.05, 1e-4, {}, 0.05}).from_best[1].outcome, Outcome::Worse);
}

TEST(Compare, WhatDoesNotDependOnTheSeedIsNotTested) {
  const ComparedMetric near = of({{1, 1, 1}, {1.001, 1.001, 1.001}});
  EXPECT_EQ(near.from_best[1].outcome, Outcome::Same);
  EXPECT_EQ(near.from_best[1].decider, Decider::NoSeedDependence);
  EXPECT_FALSE(near.from_best[1].t);
  EXPECT_EQ(near.tests, 0u);
  EXPECT_EQ(of({{1, 1, 1}, {1.1, 1.1, 1.1}}).from_best[1].outcome, Outcome::Worse);
}

TEST(Compare, EqualInEverySeedIsIdentical) {
  EXPECT_EQ(of({{1, 2, 3}, {1, 2, 3}, {2, 3, 4}}).from_best[1].outcome, Outcome::Identical);
}

// Two collisions more in three seeds of five: nothing that chance could not do.
TEST(Compare, EqualDifferencesOfFewSeedsProveNothing) {
  const ComparedMetric few = of({{1, 2, 3}, {1.5, 2.5, 3.5}});
  EXPECT_EQ(few.from_best[1].outcome, Outcome::Untested);
  EXPECT_EQ(few.from_best[1].decider, Decider::None);
  EXPECT_FALSE(few.from_best[1].p);
  EXPECT_EQ(few.from_best[1].least_pairs, 6u);
  EXPECT_EQ(few.from_best[1].seeds_to_decide, 6u);
  const ComparedMetric six = of({{1, 2, 3, 4, 5, 6}, {1.5, 2.5, 3.5, 4.5, 5.5, 6.5}});
  EXPECT_EQ(six.from_best[1].outcome, Outcome::Worse);
  EXPECT_EQ(six.from_best[1].decider, Decider::SignFlip);
}

// 100 us apart under every seed; as doubles the differences are not quite equal.
TEST(Compare, EqualDifferencesAreEqualHoweverTheyAreRounded) {
  const std::vector<double> a = {2.579123456e-3, 2.612345678e-3, 2.499876543e-3};
  std::vector<double> b = a;
  for (double& value : b) value += 1e-4;
  EXPECT_EQ(of({a, b}).from_best[1].decider, Decider::None);
}

// 11 seeds of 20 meet no collision and take the same time under both; the others take longer under the
// second.
TEST(Compare, EqualMediansDoNotHideAnotherMean) {
  std::vector<double> a(20, 1.0), b(20, 1.0);
  for (size_t i = 11; i < 20; ++i) a[i] = 2 + 1e-3 * static_cast<double>(i), b[i] = a[i] + 1;
  const ComparedMetric m = of({b, a});
  ASSERT_EQ(m.best, 1u);
  EXPECT_FALSE(m.is_best(0));
  EXPECT_EQ(m.from_best[0].outcome, Outcome::Worse);
}

TEST(Compare, MoreSettingsAskForMoreEvidence) {
  const std::vector<double> low = {1.00, 1.02, 1.04, 1.01, 1.03, 1.02};
  const std::vector<double> high = {1.05, 1.03, 1.11, 1.07, 1.04, 1.06};
  EXPECT_EQ(of({low, high}).from_best[1].outcome, Outcome::Worse);
  std::vector<std::vector<double>> eight(8, high);
  eight[0] = low;
  for (size_t i = 1; i < 8; ++i) eight[i][0] += 1e-4 * static_cast<double>(i);
  EXPECT_EQ(of(eight).from_best[1].outcome, Outcome::Undecided);
}

// A setting whose runs have either of two values differs from itself by all of them, both ways, once in eight
// times with two seeds, and nearly as surely somewhere among five such settings with three.
TEST(Compare, TooFewSeedsTellNothingApart) {
  const Difference of_two = of({{1.0, 1.01}, {2.0, 2.02}}).from_best[1];
  EXPECT_EQ(of_two.outcome, Outcome::Untested);
  EXPECT_EQ(of_two.least_pairs, 3u);
  EXPECT_FALSE(of_two.t || of_two.p || of_two.interval);
  EXPECT_EQ(of({{1, 1}, {2, 2}}).from_best[1].outcome, Outcome::Untested);
  EXPECT_EQ(of({{1.0, 1.01, 1.02}, {2.0, 2.02, 2.03}}).from_best[1].outcome, Outcome::Worse);
  const std::vector<std::vector<double>> five = {
      {1.0, 1.01, 1.02}, {2.0, 2.02, 2.03}, {3.0, 3.02, 3.03}, {4.0, 4.02, 4.03}, {5.0, 5.02, 5.03}};
  EXPECT_EQ(of(five).from_best[4].outcome, Outcome::Untested);
  EXPECT_EQ(of(five).from_best[4].least_pairs, 5u);
  // What no seed changes under any of the five is not so by chance.
  EXPECT_EQ(of({{1, 1, 1}, {2, 2, 2}, {3, 3, 3}, {4, 4, 4}, {5, 5, 5}}).from_best[4].outcome, Outcome::Worse);
}

// Six pairs reach 2 / 2^6; three such probabilities, adjusted, are above 5 % whatever the differences.
TEST(Compare, SignFlipsAreOfferedWhereTheAdjustmentLetsThemDecide) {
  const std::vector<double> base = {1, 2, 3, 4, 5, 6};
  const auto shifted = [&](double by) {
    std::vector<double> values = base;
    for (double& value : values) value += by;
    return values;
  };
  EXPECT_EQ(of({base, shifted(0.5)}).from_best[1].outcome, Outcome::Worse);
  const Difference d = of({base, shifted(0.5), shifted(1.5)}).from_best[1];
  EXPECT_EQ(d.outcome, Outcome::Untested);
  EXPECT_EQ(d.least_pairs, 7u);
  // The only one among three that needs them: the others are told apart first, and Holm leaves it all of 5 %.
  const std::vector<double> apart = {11.1, 12.0, 13.2, 13.9, 15.05, 15.9};
  const ComparedMetric mixed = of({base, shifted(0.5), apart});
  EXPECT_EQ(mixed.from_best[1].decider, Decider::SignFlip);
  EXPECT_EQ(mixed.from_best[1].outcome, Outcome::Worse);
}

TEST(Compare, IntervalsOfAllPairsHoldTogether) {
  const std::vector<double> a = {1.0, 1.1, 1.2, 1.3, 1.4}, b = {1.5, 1.62, 1.69, 1.83, 1.9};
  const std::vector<double> c = {2.0, 2.12, 2.18, 2.33, 2.41};
  const Difference alone = of({a, b}).from_best[1], among = of({a, b, c}).from_best[1];
  const Range bonferroni = paired_t({0.5, 0.52, 0.49, 0.53, 0.5}, 0.05 / 3)->interval;
  EXPECT_NEAR(among.interval->low, bonferroni.low, 1e-9);
  EXPECT_NEAR(among.interval->high, bonferroni.high, 1e-9);
  EXPECT_LT(among.interval->low, alone.interval->low);
}

// The step of the second seed did not end under b: what is left of it is no reason to recommend b.
TEST(Compare, ASettingThatDidNotAlwaysEndIsNotTheBest) {
  SettingSummaries a = setting("a", "iteration.time", {1.0, 9.0, 1.2, 1.1});
  SettingSummaries b = setting("b", "iteration.time", {0.9, 1.1, 1.05});
  b.seeds = {1, 3, 4};
  const Comparison c = compare({a, b});
  EXPECT_EQ(c.metrics[0].best, 0u);
  EXPECT_EQ(c.metrics[0].from_best[1].pairs, 3u);
}

TEST(Compare, MediansStandWhereValuesLieInTwoGroups) {
  const ComparedMetric m = of({{1.00, 1.01, 2.00, 1.02, 2.01, 1.005}, {2.00, 2.01, 1.00, 2.02, 1.01, 2.005}});
  EXPECT_TRUE(m.split);
  EXPECT_NEAR(m.center(0), 1.015, 1e-9);
  EXPECT_FALSE(of({{1.0, 1.1, 1.2, 1.3, 1.4, 1.5}, {1.1, 1.2, 1.3, 1.4, 1.5, 1.65}}).split);
}

// The median of `a` is lower, its mean higher: neither is called better.
TEST(Compare, AMeanThatContradictsTheMediansDecidesNothing) {
  std::vector<double> a(20, 1.0);
  std::vector<double> b(20, 1.2);
  for (size_t i = 0; i < 20; ++i) {
    a[i] += i < 8 ? 9 : 0.001 * static_cast<double>(i);
    b[i] += 0.001 * static_cast<double>(i);
  }
  const ComparedMetric m = of({a, b});
  EXPECT_TRUE(m.split);
  EXPECT_EQ(m.best, 0u);
  EXPECT_LT(m.from_best[1].mean, 0);
  EXPECT_EQ(m.from_best[1].outcome, Outcome::Undecided);
}

TEST(Compare, ProposesSeedsThatDecideAndSeedsThatShowWhatIsSeen) {
  const ComparedMetric m = of({{1.00, 1.10, 0.95, 1.02}, {1.10, 1.05, 1.15, 1.07}});
  const Difference& d = m.from_best[1];
  ASSERT_EQ(d.outcome, Outcome::Undecided);
  ASSERT_TRUE(d.seeds_to_decide && d.seeds_as_seen);
  EXPECT_GT(*d.seeds_to_decide, *d.seeds_as_seen);
  EXPECT_GT(*d.seeds_as_seen, 4u);
}

TEST(Compare, OneSeedSaysNothingAboutChance) {
  const Comparison c = compare({setting("a", "fct.p99", {1}), setting("b", "fct.p99", {2})});
  EXPECT_EQ(c.metrics[0].best, 0u);
  EXPECT_EQ(c.metrics[0].from_best[1].outcome, Outcome::Unknown);
}

TEST(Compare, WhatHasNoDirectionHasNoBest) {
  for (const char* metric : {"ecn_marks", "fairness.jain"})
    EXPECT_FALSE(compare({setting("a", metric, {1, 1}), setting("b", metric, {9, 9})}).metrics[0].best);
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
