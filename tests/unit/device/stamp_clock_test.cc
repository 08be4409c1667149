// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/device/stamp_clock.h"

#include <gtest/gtest.h>

namespace railyard::lab {
namespace {

constexpr SimTime kMillisecond = SimTime::milliseconds(1);

// A NIC's clock of 156.25 MHz that is 40 ppm fast, and had counted before we came.
class StampClockTest : public ::testing::Test {
 protected:
  uint64_t ticks_at(SimTime at) const {
    constexpr double kHz = 156.25e6 * (1 + 40e-6);
    return 7'000'000'000 + static_cast<uint64_t>(at.to_seconds() * kHz);
  }
  StampClock clock(SimTime tick = {}) {
    return StampClock([this] { return readable_ ? std::optional(ticks_at(now_)) : std::nullopt; },
                      [this] { return now_; }, tick);
  }
  void run(StampClock& clock, SimTime time) {
    for (const SimTime end = now_ + time; now_ < end; now_ = now_ + kMillisecond) clock.follow(now_);
  }

  SimTime now_ = kMillisecond;
  bool readable_ = true;
};

TEST_F(StampClockTest, MeasuresTheRateAndThenKnowsStamps) {
  StampClock stamps = clock();
  run(stamps, kMillisecond * 50);
  EXPECT_FALSE(stamps.time_of(ticks_at(now_), now_));
  run(stamps, kMillisecond * 200);
  const SimTime arrived = now_ - SimTime::microseconds(700);
  const auto at = stamps.time_of(ticks_at(arrived), now_);
  ASSERT_TRUE(at);
  EXPECT_NEAR(at->to_seconds(), arrived.to_seconds(), 20e-9);  // three ticks
}

TEST_F(StampClockTest, ARateThatIsKnownNeedsNoMeasuring) {
  StampClock stamps = clock(SimTime{6'400});
  stamps.follow(now_);
  EXPECT_TRUE(stamps.time_of(ticks_at(now_), now_));
}

TEST_F(StampClockTest, DoesNotBelieveWhatCannotBe) {
  StampClock stamps = clock();
  run(stamps, kMillisecond * 1'500);
  EXPECT_FALSE(stamps.time_of(ticks_at(now_ + kMillisecond), now_));
  EXPECT_FALSE(stamps.time_of(ticks_at(now_ - kMillisecond * 1'200), now_));
  EXPECT_FALSE(stamps.time_of(0, now_));
}

TEST_F(StampClockTest, SaysNothingOfAClockThatCannotBeRead) {
  readable_ = false;
  StampClock stamps = clock();
  run(stamps, kMillisecond * 300);
  EXPECT_FALSE(stamps.time_of(ticks_at(now_), now_));
}

}  // namespace
}  // namespace railyard::lab
