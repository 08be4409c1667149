// SPDX-License-Identifier: GPL-2.0-only
#include "tools/bench/bench_pairs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

namespace railyard::bench {
namespace {

using testing::HasSubstr;

std::vector<double> one_to(size_t n) {
  std::vector<double> values(n);
  std::iota(values.rbegin(), values.rend(), 1.0);
  return values;
}

// Tables of the sign test: the confidence interval of a median is from the 2nd to the 10th of 11 values, from
// the 6th to the 15th of 20.
TEST(MedianInterval, IsTheSignTests) {
  const std::vector<std::tuple<size_t, double, double, double>> table = {
      {1, 1, 1, 1}, {5, 3, 1, 5},   {6, 3.5, 1, 6},    {8, 4.5, 1, 8},
      {9, 5, 2, 8}, {11, 6, 2, 10}, {20, 10.5, 6, 15}, {21, 11, 6, 16}};
  for (const auto& [n, median, low, high] : table) {
    const MedianInterval interval = median_interval(one_to(n));
    EXPECT_EQ(interval.median, median) << n;
    EXPECT_EQ(interval.low, low) << n;
    EXPECT_EQ(interval.high, high) << n;
  }
}

// A machine that grows slower with every run: the sides' times drift apart from themselves, not their ratio.
TEST(Pairs, AlternateSoThatDriftCancels) {
  double drift = 1;
  std::string order;
  const PairMeasure measure = [&](const PairSide& side) {
    order += side.binary;
    drift *= 1.01;
    return PairFigure{(side.binary == "a" ? 40 : 30) * drift, 100, ""};
  };
  const auto runs = run_pairs({"a", "W1", 1}, {"b", "W1", 1}, 4, measure, [](uint32_t) {});
  ASSERT_TRUE(runs.has_value());
  EXPECT_EQ(order, "abbaabba");
  EXPECT_THAT(pairs_text({"a", "W1", 1}, {"b", "W1", 1}, *runs), HasSubstr("ratio 0.750"));
}

TEST(Pairs, SayWhereTheWorkDiffersAndWhatTheEngineSaid) {
  const PairMeasure measure = [](const PairSide& side) {
    return side.binary == "a" ? PairFigure{40, 100, "one thread"} : PairFigure{30, 101, ""};
  };
  const PairSide a{"a", "W1", 2}, b{"b", "W1", 2}, other{"b", "W3", 2};
  const auto runs = run_pairs(a, b, 2, measure, [](uint32_t) {});
  ASSERT_TRUE(runs.has_value());
  EXPECT_THAT(pairs_text(a, b, *runs), HasSubstr("100 -> 101 hops"));
  EXPECT_THAT(pairs_text(a, b, *runs), HasSubstr("one thread"));
  EXPECT_THAT(pairs_text(a, other, *runs), testing::Not(HasSubstr("->")));
}

TEST(Pairs, EndWithTheFirstRunThatFails) {
  const auto runs =
      run_pairs({"/no/such/railyard", "W1", 1}, {"b", "W1", 1}, 3, measure_side, [](uint32_t) {});
  ASSERT_FALSE(runs.has_value());
  EXPECT_THAT(runs.error(), HasSubstr("/no/such/railyard bench engine --case W1 --threads 1 failed"));
}

}  // namespace
}  // namespace railyard::bench
