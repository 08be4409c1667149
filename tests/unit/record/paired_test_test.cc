// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/record/paired_test.h"

#include <gtest/gtest.h>

#include <cmath>

#include "traffic/record/seed_plan.h"

namespace railyard::record {
namespace {

// Student's sleep data (Biometrika 6, 1908): the mean difference of two drugs in ten patients is 1.58 hours,
// t = 4.0621 with 9 degrees of freedom, p = 0.002833, interval 0.70 to 2.46.
const std::vector<double> kSleep = {1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4};

TEST(PairedT, IsStudentsOwn) {
  const auto t = paired_t(kSleep, 0.05);
  ASSERT_TRUE(t);
  EXPECT_NEAR(t->p, 0.002833, 1e-6);
  EXPECT_NEAR(t->interval.low, 0.7001, 1e-4);
  EXPECT_NEAR(t->interval.high, 2.4599, 1e-4);
}

TEST(PairedT, NeedsDifferencesThatDiffer) {
  EXPECT_FALSE(paired_t({1}, 0.05));
  EXPECT_FALSE(paired_t({1, 1, 1}, 0.05));
}

// Darwin's plants: of 2^15 ways 863 are as far either side, p = 1726 / 32768 (Fisher, section 21).
TEST(SignFlip, ComesNearFishersCountOfDarwinsPlants) {
  const std::vector<double> darwin = {49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48};
  EXPECT_NEAR(sign_flip_p(darwin), 1726.0 / 32768, 0.006);
}

TEST(SignFlip, CountsEveryWayOfFewPairs) {
  EXPECT_DOUBLE_EQ(sign_flip_p({1, 2, 3}), 2.0 / 8);
  EXPECT_DOUBLE_EQ(sign_flip_p({1, -1}), 1.0);
  EXPECT_DOUBLE_EQ(sign_flip_p({1, 2, 3, 4, 5, 6}), 2.0 / 64);
  EXPECT_DOUBLE_EQ(sign_flip_p({1, 1, 1, 1, 1, -1}), 14.0 / 64);
}

TEST(SignFlip, CannotReachFivePercentBelowSixPairs) {
  EXPECT_EQ(least_pairs_of_sign_flip(0.05), 6u);
  EXPECT_EQ(least_pairs_of_sign_flip(0.005), 9u);
  EXPECT_FALSE(sign_flip_interval({1, 2, 3, 4, 5}, 0.05));
}

TEST(LeastPairs, GrowWithWhatIsAsked) {
  EXPECT_EQ(least_pairs_of_any_test(0.05), 3u);
  EXPECT_EQ(least_pairs_of_any_test(0.05 / 10), 5u);
}

// The interval holds exactly the shifts that the test does not reject.
TEST(SignFlip, ItsIntervalAndItsTestAgree) {
  for (const std::vector<double>& d : {std::vector<double>{1, 2, 3, 4, 5, 7}, kSleep}) {
    const auto range = sign_flip_interval(d, 0.05);
    ASSERT_TRUE(range);
    const auto p_of_shift = [&](double shift) {
      std::vector<double> shifted = d;
      for (double& value : shifted) value -= shift;
      return sign_flip_p(shifted);
    };
    EXPECT_LE(p_of_shift(range->low - 1e-6), 0.05);
    EXPECT_GT(p_of_shift(range->low + 1e-6), 0.05);
    EXPECT_LE(p_of_shift(range->high + 1e-6), 0.05);
    EXPECT_GT(p_of_shift(range->high - 1e-6), 0.05);
  }
}

TEST(LooksNormal, TellsShapesApart) {
  std::vector<double> normal;
  std::vector<double> humps;
  std::vector<double> skewed;
  for (int i = 1; i < 30; ++i) {
    const double u = i / 30.0;
    normal.push_back(std::log(u / (1 - u)) / (1 + 0.1 * std::abs(u - 0.5)));
    humps.push_back(i < 15 ? 0.01 * i : 10 + 0.01 * i);
    skewed.push_back(std::pow(u, -2));
  }
  EXPECT_TRUE(looks_normal(normal));
  EXPECT_FALSE(looks_normal(humps));
  EXPECT_FALSE(looks_normal(skewed));
  EXPECT_FALSE(looks_normal({2, 2, 2, 2, 2, 2}));
  EXPECT_FALSE(looks_normal({1, 1.01, 1.02, 1.03, 1.04, 9}));
}

TEST(IsSplit, NeedsAGapThatMatters) {
  EXPECT_TRUE(is_split({1.0, 1.01, 2.0, 2.01, 1.005}));
  EXPECT_FALSE(is_split({1.0, 1.01, 2.0, 2.01}));                // too few
  EXPECT_FALSE(is_split({1.0, 1.01, 1.005, 1.002, 2.0}));        // one that lies apart is no group
  EXPECT_FALSE(is_split({1.0, 1.0001, 1.005, 1.0051, 1.0052}));  // 0.5 % apart
  EXPECT_FALSE(is_split({1.0, 1.2, 1.5, 1.6, 1.9, 2.1, 2.3}));
}

TEST(Holm, StepsDown) {
  // Adjusted as in R's p.adjust(c(0.01, 0.04, 0.03), "holm").
  const std::vector<double> adjusted = holm({0.01, 0.04, 0.03});
  EXPECT_NEAR(adjusted[0], 0.03, 1e-12);
  EXPECT_NEAR(adjusted[1], 0.06, 1e-12);
  EXPECT_NEAR(adjusted[2], 0.06, 1e-12);
}

TEST(Pairs, AreThoseOfTheTables) {
  // 95 %, deviation 1, half-width 0.5: t(0.975, 17) / sqrt(18) = 0.497, t(0.975, 16) / sqrt(17) = 0.514.
  EXPECT_EQ(pairs_for_half_width(1, 0.5, 0.05), 18u);
  // Effect size 0.5, power 80 %: 34 pairs (Cohen, Statistical Power Analysis, 1988; G*Power).
  EXPECT_NEAR(static_cast<double>(pairs_for_power(1, 0.5, 0.05)), 34, 1);
  EXPECT_EQ(pairs_for_half_width(1e-9, 1, 0.05), 2u);
}

ComparedMetric undecided(size_t seeds_to_decide) {
  ComparedMetric metric;
  metric.from_best.resize(2);
  metric.from_best[1].outcome = Outcome::Undecided;
  metric.from_best[1].seeds_to_decide = seeds_to_decide;
  return metric;
}

TEST(SeedPlan, SpendsNoMoreThanItHas) {
  for (const size_t needed : {6u, 9u, 30u, 1000u}) {
    SeedPlan plan(5, 64, {});
    double spent = plan.rule().alpha;
    size_t seeds = plan.seeds();
    while (plan.go_on(undecided(needed))) {
      EXPECT_GT(plan.seeds(), seeds);
      seeds = plan.seeds();
      spent += plan.rule().alpha;
    }
    EXPECT_NEAR(spent, 0.05, 1e-12);
    EXPECT_EQ(seeds, std::min<size_t>(needed, 64));
    EXPECT_EQ(plan.rule().looks.back(), seeds);
  }
}

TEST(SeedPlan, GoesOnWhereNothingCouldBeTested) {
  ComparedMetric metric = undecided(9);
  metric.from_best[1].outcome = Outcome::Untested;
  SeedPlan plan(5, 64, {});
  EXPECT_TRUE(plan.go_on(metric));
  EXPECT_DOUBLE_EQ(plan.rule().alpha_of_all_looks, 0.05);
}

TEST(SeedPlan, StopsWhereAllIsDecidedAndNeverPassesItsBound) {
  ComparedMetric decided = undecided(9);
  decided.from_best[1].outcome = Outcome::Same;
  EXPECT_FALSE(SeedPlan(5, 64, {}).go_on(decided));
  SeedPlan bounded(5, 5, {});
  EXPECT_DOUBLE_EQ(bounded.rule().alpha, 0.05);
  EXPECT_FALSE(bounded.go_on(undecided(100)));
}

}  // namespace
}  // namespace railyard::record
