// SPDX-License-Identifier: BSD-3-Clause
// The fluid model of DCQCN: its fixed points and its stability, before it serves as a reference.
#include "traffic/protocol/congestion/dcqcn_fluid.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "tests/validation/row.h"

namespace railyard {
namespace {

constexpr double kBeyondMaximum = 0;  // no fixed point on the ramp

struct Ramp {
  const char* name;
  double gigabits, additive_megabits, minimum_kb, maximum_kb, probability;
};

DcqcnFluid model_of(const Ramp& ramp, double flows) {
  DcqcnFluid m;
  m.capacity = ramp.gigabits * 1e9 / DcqcnFluid::kPacketBits;
  m.additive = ramp.additive_megabits * 1e6 / DcqcnFluid::kPacketBits;
  m.minimum = ramp.minimum_kb;
  m.maximum = ramp.maximum_kb;
  m.maximum_probability = ramp.probability;
  m.flows = flows;
  return m;
}

// Exact fixed points, kB, computed apart from this code.
struct FixedPoints {
  Ramp ramp;
  std::array<double, 8> queue_kb;
};
constexpr std::array<double, 8> kFlows = {2, 4, 8, 10, 12, 16, 20, 32};
constexpr FixedPoints kFixedPoints[] = {
    {{"F1: 40G, R_AI 40M, 5-200 kB, 1 %", 40, 40, 5, 200, 0.01},
     {20.2, 41.8, 93.8, 122.6, 152.9, kBeyondMaximum, kBeyondMaximum, kBeyondMaximum}},
    {{"F1: 40G, R_AI 10M, 5-200 kB, 1 %", 40, 10, 5, 200, 0.01},
     {15.1, 29.8, 65.5, 85.5, 106.6, 151.6, 199.5, kBeyondMaximum}},
    {{"F2: 100G, R_AI 40M, 5-200 kB, 1 %", 100, 40, 5, 200, 0.01},
     {9.7, 16.4, 32.7, 41.8, 51.4, 71.9, 93.8, 165.4}},
    {{"F2: 100G, R_AI 40M, 400-1600 kB, 20 %", 100, 40, 400, 1600, 0.2},
     {401.4, 403.5, 408.5, 411.3, 414.3, 420.6, 427.3, 449.4}},
    {{"F3: 40G, R_AI 40M, 5-2000 kB, 10 %", 40, 40, 5, 2000, 0.1},
     {20.5, 42.7, 95.8, 125.3, 156.3, 221.9, 291.3, 516.1}},
};

class FluidFixedPoint : public testing::TestWithParam<FixedPoints> {};

TEST_P(FluidFixedPoint, IsTheTables) {
  constexpr double kTolerance = 0.005, kRounding = 0.05;  // the table has one decimal
  const FixedPoints& expected = GetParam();
  std::string reference, ours;
  double worst = 0;
  for (size_t i = 0; i < kFlows.size(); ++i) {
    const std::optional<double> queue = model_of(expected.ramp, kFlows[i]).fixed_point_queue_kb();
    const double want = expected.queue_kb[i];
    ASSERT_EQ(queue.has_value(), want != kBeyondMaximum) << kFlows[i] << " flows";
    reference += queue ? fmt::format("{:.1f} ", want) : "- ";
    ours += queue ? fmt::format("{:.1f} ", *queue) : "- ";
    if (!queue) continue;
    EXPECT_NEAR(*queue, want, kTolerance * want + kRounding) << kFlows[i] << " flows";
    worst = std::max(worst, std::abs(*queue / want - 1));
  }
  reference.pop_back();
  ours.pop_back();
  print_row(fmt::format("{}: q* in kB, N = 2 4 8 10 12 16 20 32", expected.ramp.name), reference, ours,
            fmt::format("up to {:.2f} %", 100 * worst), "0.5 %, rounding");
}

INSTANTIATE_TEST_SUITE_P(Ramps, FluidFixedPoint, testing::ValuesIn(kFixedPoints));

TEST(Fluid, HasNoFixedPointBeyondTheRamp) {
  const Ramp ramp = kFixedPoints[0].ramp;
  DcqcnFluid m = model_of(ramp, 16);
  EXPECT_FALSE(m.fixed_point_queue_kb().has_value());
  m.delay = 50e-6;
  const DcqcnFluidRun r = run(m, 0.2, 0.5e-6);
  EXPECT_LT(r.queue_minimum_kb, 1);
  EXPECT_GT(r.queue_maximum_kb, 200);
  print_row("F4: 40G, N = 16, 50 us: limit cycle", "0-247 kB",
            fmt::format("{:.0f}-{:.0f} kB", r.queue_minimum_kb, r.queue_maximum_kb), "-", "it cycles");
}

struct Stability {
  double flows, maximum_kb, probability, queue_minimum_kb, queue_maximum_kb, utilisation;
};

class FluidStability : public testing::TestWithParam<Stability> {};

TEST_P(FluidStability, IsThatOfTheReferenceRun) {
  const Stability& expected = GetParam();
  DcqcnFluid m = model_of({"", 40, 40, 5, expected.maximum_kb, expected.probability}, expected.flows);
  m.delay = 85e-6;
  const DcqcnFluidRun r = run(m, 0.3, 0.5e-6);
  EXPECT_NEAR(r.utilisation, expected.utilisation, 0.01);
  const bool stable = expected.queue_minimum_kb > 0;
  EXPECT_EQ(r.queue_minimum_kb > 0, stable);
  EXPECT_NEAR(r.queue_maximum_kb, expected.queue_maximum_kb, 0.02 * expected.queue_maximum_kb);
  print_row(fmt::format("{}: 40G, N = {}, 85 us, Kmax {} kB: queue in kB; utilisation",
                        expected.maximum_kb > 200 ? "F5" : "F6", expected.flows, expected.maximum_kb),
            fmt::format("{:.0f}-{:.0f}; {:.3f}", expected.queue_minimum_kb, expected.queue_maximum_kb,
                        expected.utilisation),
            fmt::format("{:.0f}-{:.0f}; {:.3f}", r.queue_minimum_kb, r.queue_maximum_kb, r.utilisation),
            fmt::format("{:+.4f}", r.utilisation - expected.utilisation), "0.01");
}

INSTANTIATE_TEST_SUITE_P(
    Delay85us, FluidStability,
    testing::Values(Stability{2, 2000, 0.1, 20.4, 20.6, 1}, Stability{10, 2000, 0.1, 0, 276.0, 0.9975},
                    Stability{64, 2000, 0.1, 1183.1, 1183.1, 1}, Stability{10, 200, 0.01, 0, 234.0, 0.9491},
                    Stability{16, 200, 0.01, 0, 274.2, 0.9264}, Stability{64, 200, 0.01, 0, 442.2, 0.8653}));

}  // namespace
}  // namespace railyard
