// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/measurement/histogram.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>
#include <sstream>
#include <vector>

namespace railyard::lab {
namespace {

using ::testing::HasSubstr;

constexpr int64_t kHour = 3'600'000'000'000'000;

Histogram of(const std::vector<int64_t>& values) {
  Histogram histogram;
  for (int64_t value : values) histogram.add(value);
  return histogram;
}

TEST(Histogram, OfNothingIsZero) {
  const Histogram empty;
  EXPECT_EQ(empty.total(), 0u);
  EXPECT_EQ(empty.percentile(99), 0);
  EXPECT_EQ(empty.minimum(), 0);
  EXPECT_EQ(empty.maximum(), 0);
  EXPECT_EQ(empty.mean(), 0);
  EXPECT_TRUE(empty.counts().empty());
}

TEST(Histogram, SmallValuesAreExact) {
  std::vector<int64_t> values;
  for (int64_t v = 1; v <= 200; ++v) values.push_back(v);
  const Histogram histogram = of(values);
  EXPECT_EQ(histogram.percentile(50), 100);
  EXPECT_EQ(histogram.percentile(99.5), 199);
  EXPECT_EQ(histogram.percentile(100), 200);
  EXPECT_EQ(histogram.percentile(0), 1);
  EXPECT_DOUBLE_EQ(histogram.mean(), 100.5);
}

TEST(Histogram, NegativeValuesCountAsZero) {
  const Histogram histogram = of({-5});
  EXPECT_EQ(histogram.total(), 1u);
  EXPECT_EQ(histogram.maximum(), 0);
}

TEST(Histogram, BucketsTouchAndCoverEverything) {
  for (int64_t value : {int64_t{0}, int64_t{255}, int64_t{256}, int64_t{1'000'000}, kHour, INT64_MAX}) {
    const size_t index = Histogram::index_of(value);
    EXPECT_LE(Histogram::lowest_of(index), value);
    EXPECT_GE(Histogram::highest_of(index), value);
    if (value != INT64_MAX) {
      EXPECT_EQ(Histogram::index_of(Histogram::highest_of(index) + 1), index + 1);
    }
  }
}

TEST(Histogram, PercentilesAreWithinOnePercentOfTheSortedValues) {
  EXPECT_TRUE(rc::check([](uint8_t percent_seed) {
    const auto magnitude = *rc::gen::inRange(0, 52);
    const auto values = *rc::gen::nonEmpty(
        rc::gen::container<std::vector<int64_t>>(rc::gen::inRange<int64_t>(0, (int64_t{2} << magnitude))));
    const double percent = percent_seed * 100.0 / 255;
    std::vector<int64_t> sorted = values;
    std::sort(sorted.begin(), sorted.end());
    const double wanted = std::ceil(percent / 100 * static_cast<double>(sorted.size()));
    const size_t rank = std::clamp<size_t>(static_cast<size_t>(wanted), 1, sorted.size());
    const auto exact = static_cast<double>(sorted[rank - 1]);
    const auto found = static_cast<double>(of(values).percentile(percent));
    RC_ASSERT(found >= exact);
    RC_ASSERT(found <= exact * 1.01);
  }));
}

TEST(Histogram, MergingIsCountingTogether) {
  EXPECT_TRUE(rc::check([](std::vector<int64_t> one, const std::vector<int64_t>& other) {
    Histogram merged = of(one);
    merged.merge(of(other));
    one.insert(one.end(), other.begin(), other.end());
    const Histogram together = of(one);
    RC_ASSERT(merged.counts() == together.counts());
    RC_ASSERT(merged.total() == together.total());
    RC_ASSERT(merged.minimum() == together.minimum());
    RC_ASSERT(merged.maximum() == together.maximum());
  }));
}

TEST(Histogram, CountsCarryItWhole) {
  EXPECT_TRUE(rc::check([](const std::vector<int64_t>& values) {
    const Histogram original = of(values);
    const auto copy = Histogram::of_counts(original.counts(), original.minimum(), original.maximum());
    RC_ASSERT(copy.has_value());
    RC_ASSERT(copy->counts() == original.counts());
    RC_ASSERT(copy->percentile(99) == original.percentile(99));
    RC_ASSERT(copy->minimum() == original.minimum());
  }));
}

TEST(Histogram, CountsThatContradictThemselvesAreRefused) {
  EXPECT_THAT(Histogram::of_counts(std::vector<uint64_t>(10'000, 1), 0, 1).error(),
              HasSubstr("10000 buckets"));
  EXPECT_THAT(Histogram::of_counts({0, 1}, 1, 5).error(), HasSubstr("maximum 5"));
  EXPECT_THAT(Histogram::of_counts({0, 1}, -1, 1).error(), HasSubstr("minimum -1"));
}

// The lines are those that HdrHistogram's outputPercentileDistribution prints for 1 to 10.
TEST(Histogram, IsWrittenAsHdrHistogramDoes) {
  std::vector<int64_t> values;
  for (int64_t v = 1; v <= 10; ++v) values.push_back(v);
  std::ostringstream out;
  of(values).write_hgrm(out, 1);
  EXPECT_THAT(out.str(), HasSubstr("       Value     Percentile TotalCount 1/(1-Percentile)\n\n"
                                   "       1.000 0.000000000000          1           1.00\n"
                                   "       1.000 0.100000000000          1           1.11\n"
                                   "       2.000 0.200000000000          2           1.25\n"));
  EXPECT_THAT(out.str(), HasSubstr("       5.000 0.500000000000          5           2.00\n"
                                   "       6.000 0.550000000000          6           2.22\n"
                                   "       6.000 0.600000000000          6           2.50\n"));
  EXPECT_THAT(out.str(), HasSubstr("      10.000 1.000000000000         10\n"
                                   "#[Mean    =        5.500, StdDeviation   =        2.872]\n"
                                   "#[Max     =       10.000, Total count    =           10]\n"));
}

}  // namespace
}  // namespace railyard::lab
