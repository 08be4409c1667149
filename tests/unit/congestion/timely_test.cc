// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/protocol/congestion/timely.h"

#include <gtest/gtest.h>

namespace railyard {
namespace {

constexpr SenderContext kContext{BitRate::gigabits(10), 1000};

SimTime us(int64_t n) {
  return SimTime::microseconds(n);
}

struct Flow {
  Timely::Sender sender;
  TimelySettings settings;
  Allowance allowance;
  SimTime now;

  explicit Flow(const TimelySettings& of = {}) : settings(of) {
    settings.initial_rate = BitRate::gigabits(1);
    allowance = Timely::start(sender, settings, kContext, now);
  }
  // A segment is complete, its last packet with this round-trip time.
  double segment(SimTime rtt) {
    now += us(100);
    Timely::acked(sender, settings, {16'000, 0, rtt, false}, now, allowance);
    return allowance.rate_bps;
  }
};

TEST(Timely, StartsAtTheLinesRateUnlessToldOtherwise) {
  Timely::Sender sender;
  EXPECT_EQ(Timely::start(sender, {}, kContext, SimTime{0}).rate_bps, 10e9);
  EXPECT_EQ(Flow().allowance.rate_bps, 1e9);
}

TEST(Timely, BelowTheLowerThresholdTheRateRisesWhateverTheGradient) {
  Flow flow;
  EXPECT_EQ(flow.segment(us(20)), 1e9 + 10e6);
  EXPECT_EQ(flow.segment(us(49)), 1e9 + 20e6);
}

TEST(Timely, AboveTheUpperThresholdItFallsTowardsIt) {
  Flow flow;
  EXPECT_NEAR(flow.segment(us(1000)), 1e9 * (1 - 0.8 * 0.5), 1);
}

TEST(Timely, BetweenThemTheGradientDecides) {
  Flow flow;
  EXPECT_EQ(flow.segment(us(100)), 1e9 + 10e6) << "no gradient yet";
  // A rise of 8 us over 20, of which 7/8 counts.
  EXPECT_NEAR(flow.segment(us(108)), (1e9 + 10e6) * (1 - 0.8 * 0.875 * 8 / 20), 1);
}

TEST(Timely, FiveRisesInARowAreHyperactive) {
  Flow flow;
  double rate = 1e9;
  for (int i = 0; i < 4; ++i) EXPECT_EQ(flow.segment(us(100)), rate += 10e6);
  EXPECT_EQ(flow.segment(us(100)), rate + 50e6);
}

TEST(Timely, ASegmentAndTheLeastRoundTripPassBetweenChanges) {
  Flow flow;
  const auto ack = [&](uint32_t bytes, SimTime later) {
    flow.now += later;
    Timely::acked(flow.sender, flow.settings, {bytes, 0, us(20), false}, flow.now, flow.allowance);
    return flow.allowance.rate_bps;
  };
  EXPECT_EQ(ack(15'999, us(30)), 1e9);
  EXPECT_EQ(ack(1, us(0)), 1e9 + 10e6);
  EXPECT_EQ(ack(16'000, us(19)), 1e9 + 10e6);
  EXPECT_EQ(ack(1, us(1)), 1e9 + 20e6);
}

TEST(Timely, PatchedItWeighsBothAndTheBaseIsTakenOff) {
  TimelySettings settings;
  settings.reaction = TimelyReaction::Patched;
  settings.beta = 0.008;
  settings.base_rtt = us(5);
  Flow flow(settings);
  // 75 us without the base are half as much again as t_low; no gradient: half of each.
  EXPECT_NEAR(flow.segment(us(80)), 10e6 * 0.5 + 1e9 * (1 - 0.008 * 0.5 * 0.5), 1);
}

TEST(Timely, TheRateStaysBetweenItsLeastAndTheLines) {
  Flow flow;
  for (int i = 0; i < 2000; ++i) flow.segment(us(10));
  EXPECT_EQ(flow.allowance.rate_bps, 10e9);
  for (int i = 0; i < 200; ++i) flow.segment(us(5000));
  EXPECT_EQ(flow.allowance.rate_bps, 10e6);
}

}  // namespace
}  // namespace railyard
