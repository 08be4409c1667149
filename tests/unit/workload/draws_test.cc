// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/workload/draws.h"

#include <gtest/gtest.h>

#include <cmath>

namespace railyard::workload {
namespace {

constexpr int kDraws = 200'000;

struct Moments {
  double mean = 0, deviation = 0;
};

template <class Draw>
Moments moments(Draw draw) {
  double sum = 0, squares = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double x = draw();
    sum += x, squares += x * x;
  }
  const double mean = sum / kDraws;
  return {mean, std::sqrt(squares / kDraws - mean * mean)};
}

TEST(Draws, HaveTheirDistributionsMoments) {
  Draws draws(1, "moments");
  const Moments uniform = moments([&] { return draws.uniform(); });
  EXPECT_NEAR(uniform.mean, 0.5, 0.003);
  EXPECT_NEAR(uniform.deviation, std::sqrt(1.0 / 12), 0.003);
  const Moments exponential = moments([&] { return draws.exponential(); });
  EXPECT_NEAR(exponential.mean, 1, 0.01);
  EXPECT_NEAR(exponential.deviation, 1, 0.015);
  const Moments normal = moments([&] { return draws.normal(); });
  EXPECT_NEAR(normal.mean, 0, 0.01);
  EXPECT_NEAR(normal.deviation, 1, 0.01);
  const Moments lognormal = moments([&] { return draws.lognormal(0.5); });
  EXPECT_NEAR(lognormal.mean, 1, 0.005);
  EXPECT_NEAR(lognormal.deviation, 0.5, 0.01);
}

TEST(Draws, AreOfTheirOwnStream) {
  const auto first = [](Draws draws) { return draws.uniform(); };
  EXPECT_EQ(first({1, "a"}), first({1, "a"}));
  EXPECT_NE(first({1, "a"}), first({1, "b"}));
  EXPECT_NE(first({1, "a"}), first({2, "a"}));
  EXPECT_NE(first({1, "a", 0}), first({1, "a", 1}));
}

TEST(Draws, ComputeLogarithmAndExponentialToTheLastDigits) {
  for (double x = 1e-12; x < 1e12; x *= 1.37) EXPECT_NEAR(natural_logarithm(x), std::log(x), 4e-15 * 28) << x;
  for (double x = -20; x < 20; x += 0.173) EXPECT_NEAR(exponential_function(x) / std::exp(x), 1, 1e-14) << x;
}

}  // namespace
}  // namespace railyard::workload
