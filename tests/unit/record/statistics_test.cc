// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/record/statistics.h"

#include <gtest/gtest.h>

#include <cmath>

namespace railyard::record {
namespace {

TEST(NearestRank, IsAValueThatOccurred) {
  const std::vector<double> five = {15, 20, 35, 40, 50};
  EXPECT_EQ(nearest_rank(five, 0.05), 15);
  EXPECT_EQ(nearest_rank(five, 0.30), 20);
  EXPECT_EQ(nearest_rank(five, 0.40), 20);
  EXPECT_EQ(nearest_rank(five, 0.50), 35);
  EXPECT_EQ(nearest_rank(five, 1.00), 50);
}

TEST(NearestRank, TheNinetyNinthOfAHundredIsNotTheLast) {
  std::vector<double> hundred;
  for (int i = 1; i <= 100; ++i) hundred.push_back(i);
  EXPECT_EQ(nearest_rank(hundred, 0.99), 99);
  hundred.push_back(101);
  EXPECT_EQ(nearest_rank(hundred, 0.99), 100);
}

TEST(JainIndex, RunsFromOneOverNToOne) {
  EXPECT_DOUBLE_EQ(jain_index({3, 3, 3, 3}), 1);
  EXPECT_DOUBLE_EQ(jain_index({1, 0, 0, 0}), 0.25);
  EXPECT_DOUBLE_EQ(jain_index({}), 1);
}

TEST(SpreadOf, OneValueHasNoDeviation) {
  const Spread s = spread_of({4});
  EXPECT_EQ(s.mean, 4);
  EXPECT_FALSE(s.deviation);
  EXPECT_FALSE(s.half_interval95);
}

TEST(SpreadOf, GivesStudentsInterval) {
  const Spread s = spread_of({12, 8, 10});
  EXPECT_EQ(s.mean, 10);
  EXPECT_EQ(s.median, 10);
  EXPECT_EQ(s.min, 8);
  EXPECT_EQ(s.max, 12);
  EXPECT_DOUBLE_EQ(*s.deviation, 2);
  EXPECT_NEAR(*s.half_interval95, 4.3027 * 2 / 1.7321, 1e-3);  // t(0.975, 2) = 4.3027
}

// With one and two degrees of freedom Student's distribution has a closed form.
TEST(WelchPValue, AgreesWithTheClosedForms) {
  // Variances of the means 1 and 1: two degrees of freedom, t = 10 / sqrt 2, p = 1 - t / sqrt(2 + t^2).
  EXPECT_NEAR(*welch_p_value(spread_of({0, 2}), spread_of({10, 12})), 1 - std::sqrt(50.0 / 52.0), 1e-12);
  // Variances of the means 1 and 0: one degree of freedom, t = 10, p = 1 - 2/pi atan t.
  EXPECT_NEAR(*welch_p_value(spread_of({0, 2}), spread_of({11, 11})),
              1 - 2 / std::acos(-1.0) * std::atan(10.0), 1e-12);
}

TEST(WelchPValue, NeedsTwoValuesOfEach) {
  EXPECT_FALSE(welch_p_value(spread_of({1}), spread_of({2, 3})));
}

TEST(WelchPValue, WithoutAnyVariationOnlyTheMeansCount) {
  EXPECT_EQ(welch_p_value(spread_of({0, 0}), spread_of({5, 5})), 0.0);
  EXPECT_EQ(welch_p_value(spread_of({0.1, 0.1, 0.1}), spread_of({0.1, 0.1})), 1.0);
}

}  // namespace
}  // namespace railyard::record
