// SPDX-License-Identifier: BSD-3-Clause
#include "tools/report/reduce.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

namespace railyard::report {
namespace {

using testing::ElementsAre;

SimTime us(int64_t n) {
  return SimTime::microseconds(n);
}

TEST(CdfGrid, KeepsTheEndsAndTheTail) {
  std::vector<double> samples(100'000);
  std::iota(samples.begin(), samples.end(), 1.0);
  const std::vector<double> grid = cdf_grid(samples, 500);
  EXPECT_LE(grid.size(), 500u);
  EXPECT_EQ(grid.front(), 1);
  EXPECT_EQ(grid.back(), 100'000);
  EXPECT_GE(std::count_if(grid.begin(), grid.end(), [](double v) { return v > 99'000; }), 100);
  EXPECT_TRUE(std::is_sorted(grid.begin(), grid.end()));
}

TEST(CdfGrid, OfFewSamplesIsTheSamples) {
  EXPECT_THAT(cdf_grid({3, 1, 2, 2}, 500), ElementsAre(1, 2, 3));
  EXPECT_THAT(cdf_grid({7}, 500), ElementsAre(7));
  EXPECT_TRUE(cdf_grid({}, 500).empty());
}

TEST(CdfAt, IsTheFractionAtOrBelow) {
  EXPECT_THAT(cdf_at({1, 2, 3}, {2, 1, 3, 3}), ElementsAre(0.25, 0.5, 1));
}

TEST(Peaks, KeepShortPeaksAndLeaveGaps) {
  const record::QueueSamples samples{0, us(10), {1, 90, 2, 3, 4, 5}};  // at 10, 20, ... 60 us
  EXPECT_THAT(peaks(samples, us(100), 4), ElementsAre(90u, 3u, 5u, std::nullopt));
}

TEST(Merged, UnitesWhatOverlapsAndClosesShortGaps) {
  EXPECT_THAT(merged({{us(50), us(60)}, {us(0), us(10)}, {us(5), us(20)}, {us(22), us(30)}}, us(3)),
              ElementsAre(Interval{us(0), us(30)}, Interval{us(50), us(60)}));
}

TEST(Means, AreThoseOfTheSamplesInEachPart) {
  const SimTime ten = SimTime::microseconds(10), span = SimTime::microseconds(100);
  const auto out = means({4, 6, 20, kNoWindow, 30}, ten, span, 5);  // at 10, 20, 30, 40, 50 us
  EXPECT_THAT(out, testing::ElementsAre(4, 13, 30, std::nullopt, std::nullopt));
  EXPECT_THAT(means({kNoWindow}, ten, span, 1), testing::ElementsAre(std::nullopt));
  EXPECT_TRUE(means({1}, ten, span, 0).empty());
}

}  // namespace
}  // namespace railyard::report
