// SPDX-License-Identifier: BSD-3-Clause
#include "tools/report/number_format.h"

#include <gtest/gtest.h>

namespace railyard::report {
namespace {

using record::Unit;

TEST(Quantity, HasFourDigitsAndAUnitThatSuits) {
  EXPECT_EQ(quantity(0.0013742, Unit::Time), "1.374 ms");
  EXPECT_EQ(quantity(9.99e-7, Unit::Time), "999.0 ns");
  EXPECT_EQ(quantity(0, Unit::Time), "0 us");
  EXPECT_EQ(quantity(97.31e9, Unit::Rate), "97.31 Gb/s");
  EXPECT_EQ(quantity(1234e9, Unit::Rate), "1,234 Gb/s");
  EXPECT_EQ(quantity(262'144, Unit::Size), "256.0 KiB");
  EXPECT_EQ(quantity(2.5, Unit::Ratio), "2.500");
}

TEST(Quantity, CountsAreWholeUntilTheyAreMillions) {
  EXPECT_EQ(quantity(1'234'567, Unit::Count), "1,234,567");
  EXPECT_EQ(quantity(0, Unit::Count), "0");
  EXPECT_EQ(quantity(2.0 / 3, Unit::Count), "0.7");
  EXPECT_EQ(quantity(45.67e6, Unit::Count), "45.67 M");
}

TEST(MeanAndInterval, HaveTheDecimalsThatTheIntervalDeserves) {
  const record::Spread spread = record::spread_of({1.37e-3, 1.38e-3, 1.39e-3});
  EXPECT_EQ(mean_and_interval(spread, Unit::Time, {1e-3, "ms"}), "1.380 ±0.025");
  EXPECT_EQ(mean_and_interval(record::spread_of({614, 653, 703}), Unit::Ratio, {}), "657 ±111");
  EXPECT_EQ(mean_and_interval(record::spread_of({0.28, 0.28}), Unit::Ratio, {}), "0.2800");
  EXPECT_EQ(mean_and_interval(record::spread_of({1.37e-3}), Unit::Time, {1e-3, "ms"}), "1.370");
}

TEST(MeanAndInterval, SaysThatAnIntervalIsLessThanTheLastDigit) {
  record::Spread spread = record::spread_of({12.9930e-6, 12.9931e-6, 12.9929e-6});
  EXPECT_EQ(mean_and_interval(spread, record::Unit::Time, {1e-6, "us"}), "12.99 ±<0.01");
  spread = record::spread_of({0, 0, 0});
  EXPECT_EQ(mean_and_interval(spread, record::Unit::Count, {}), "0");
}

TEST(Interval, IsInTheUnitOfItsNeighbours) {
  EXPECT_EQ(interval({0.8e-3, 3.93e-3}, {1e-3, "ms"}), "0.8 to 3.9 ms");
  EXPECT_EQ(quantity(300.2e-6, record::Unit::Time, {1e-3, "ms"}), "0.3002 ms");
}

TEST(Probability, TellsWhatIsNearFivePercentFromIt) {
  EXPECT_EQ(probability(0.0456), "p = 0.046");
  EXPECT_EQ(probability(0.32), "p = 0.32");
  EXPECT_EQ(probability(0.0004), "p < 0.001");
}

TEST(Percent, IsNeverAHundredForLess) {
  EXPECT_EQ(percent(0.123), "12 %");
  EXPECT_EQ(percent(0.042), "4.2 %");
  EXPECT_EQ(percent(0.0041), "0.41 %");
  EXPECT_EQ(percent(0.9996), "more than 99 %");
}

}  // namespace
}  // namespace railyard::report
