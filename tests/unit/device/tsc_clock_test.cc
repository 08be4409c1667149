// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/device/tsc_clock.h"

#include <gtest/gtest.h>

#include <cmath>
#include <ctime>

namespace railyard::lab {
namespace {

int64_t raw_ns() {
  timespec t{};
  clock_gettime(CLOCK_MONOTONIC_RAW, &t);
  return t.tv_sec * 1'000'000'000 + t.tv_nsec;
}

void wait(int64_t ns) {
  const int64_t end = raw_ns() + ns;
  while (raw_ns() < end) {
  }
}

TEST(TscClock, BeginsAtZeroAndNeverGoesBack) {
  const TscClock clock = TscClock::calibrate(SimTime::milliseconds(5));
  SimTime last = clock.now();
  EXPECT_GE(last, SimTime{});
  for (int i = 0; i < 100'000; ++i) {
    const SimTime now = clock.now();
    ASSERT_GE(now, last);
    last = now;
  }
}

TEST(TscClock, KeepsPaceWithTheRawClock) {
  const TscClock clock = TscClock::calibrate(SimTime::milliseconds(50));
  wait(100'000'000);
  const TscClock::Error error = clock.error();
  EXPECT_LT(std::abs(error.ppm), 20) << error.offset.ps;          // 1 in a quiet machine
  EXPECT_LT(std::abs(error.offset.ps), 10'000'000) << error.ppm;  // 10 us
}

TEST(TscClock, ConvertsToRawNanosecondsAndBack) {
  TscClock clock = TscClock::calibrate(SimTime::milliseconds(20));
  for (int64_t ps : {int64_t{0}, int64_t{1'000}, int64_t{-5'000}, int64_t{123'456'789'000}}) {
    EXPECT_EQ(clock.from_raw_ns(clock.to_raw_ns({ps})), SimTime{ps});
  }
  EXPECT_EQ(clock.to_raw_ns({-1}), clock.to_raw_ns({0}) - 1);  // rounded down, as above zero
  const int64_t before = raw_ns();
  const int64_t between = clock.to_raw_ns(clock.now());
  const int64_t after = raw_ns();
  constexpr int64_t kCalibrationErrorNs = 1'000;
  EXPECT_GE(between, before - kCalibrationErrorNs);
  EXPECT_LE(between, after + kCalibrationErrorNs);
}

TEST(TscClock, RecalibrationNeitherJumpsNorWorsensTheRate) {
  TscClock clock = TscClock::calibrate(SimTime::milliseconds(1));
  wait(50'000'000);
  const SimTime before = clock.now();
  const TscClock::Error was = clock.recalibrate();
  const SimTime after = clock.now();
  EXPECT_GE(after, before);
  EXPECT_LT(after - before, SimTime::milliseconds(20));
  wait(50'000'000);
  const TscClock::Error is = clock.error();
  EXPECT_LE(std::abs(is.ppm), std::abs(was.ppm) + 5);
  EXPECT_LT(std::abs(is.ppm), 10);
}

TEST(TscClock, LongTimesDoNotOverflow) {
  const TscClock clock = TscClock::calibrate(SimTime::milliseconds(5));
  const auto day = static_cast<uint64_t>(clock.ticks_per_second() * 86'400);
  const SimTime begin = clock.time_of(0);
  EXPECT_NEAR((clock.time_of(day) - begin).to_seconds(), 86'400, 1e-6);
  EXPECT_NEAR((clock.time_of(100 * day) - begin).to_seconds(), 100 * 86'400, 1e-4);
}

}  // namespace
}  // namespace railyard::lab
