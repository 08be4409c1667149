// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/protocol/congestion/swift.h"

#include <gtest/gtest.h>

namespace railyard {
namespace {

constexpr SenderContext kContext{BitRate::gigabits(100), 1000};

SimTime us(int64_t n) {
  return SimTime::microseconds(n);
}

struct Flow {
  Swift::Sender sender;
  SwiftSettings settings;
  Allowance allowance;

  explicit Flow(double cwnd) {
    settings.initial_cwnd = cwnd;
    allowance = Swift::start(sender, settings, kContext, SimTime{0});
  }
  double ack(SimTime rtt, SimTime now) {
    Swift::acked(sender, settings, {1000, 0, rtt, false}, now, allowance);
    return sender.cwnd;
  }
};

TEST(Swift, TheTargetIsTheBaseForLargeWindowsAndARangeMoreForSmallOnes) {
  const SwiftSettings p;
  EXPECT_EQ(Swift::target_delay(p, 100), us(20));
  EXPECT_EQ(Swift::target_delay(p, 1000), us(20));
  EXPECT_NEAR(static_cast<double>(Swift::target_delay(p, 0.1).ps), 120e6, 1e3);
  EXPECT_EQ(Swift::target_delay(p, 0.01), us(120));
  // alpha = 100 / (1/sqrt(0.1) - 1/sqrt(100)) = 32.655 us, beta = -3.2655 us
  EXPECT_NEAR(static_cast<double>(Swift::target_delay(p, 4).ps), (20 + 32.6551 / 2 - 3.26551) * 1e6, 1e3);
}

TEST(Swift, BelowTheTargetTheWindowGrowsByAPacketARoundTrip) {
  Flow flow(200);
  for (int i = 0; i < 200; ++i) flow.ack(us(10), us(10));
  EXPECT_NEAR(flow.sender.cwnd, 201, 0.01);
  EXPECT_EQ(flow.allowance.window_bytes, 200'997u);
  EXPECT_EQ(flow.allowance.rate_bps, 100e9);
}

TEST(Swift, BeyondItTheWindowFallsOnceARoundTrip) {
  Flow flow(200);
  EXPECT_NEAR(flow.ack(us(25), us(100)), 200 * (1 - 0.8 * 5 / 25), 1e-9);
  EXPECT_NEAR(flow.ack(us(25), us(124)), 168, 1e-9) << "twice in a round trip";
  EXPECT_NEAR(flow.ack(us(25), us(125)), 168 * 0.84, 1e-9);
}

TEST(Swift, NeitherDelayNorLossTakesMoreThanHalf) {
  Flow flow(200);
  EXPECT_NEAR(flow.ack(us(2000), us(100)), 100, 1e-9);
  Swift::signalled(flow.sender, flow.settings, CongestionSignal::Nak, us(200), flow.allowance);
  EXPECT_NEAR(flow.sender.cwnd, 100, 1e-9) << "within the round trip";
  Swift::signalled(flow.sender, flow.settings, CongestionSignal::Timeout, us(5000), flow.allowance);
  EXPECT_NEAR(flow.sender.cwnd, 50, 1e-9);
}

TEST(Swift, AWindowBelowAPacketIsAPace) {
  Flow flow(0.5);
  EXPECT_NEAR(flow.ack(us(40), us(40)), 1.5, 1e-9) << "below one packet an ACK adds a whole one";
  Flow slow(0.5);
  for (int i = 1; i < 20; ++i) slow.ack(us(4000), us(4000 * i));
  EXPECT_EQ(slow.sender.cwnd, slow.settings.min_cwnd);
  EXPECT_EQ(slow.allowance.window_bytes, 1000u);
  EXPECT_NEAR(slow.allowance.rate_bps, 0.01 * 8000 / 4e-3, 1e-6);
}

TEST(Swift, WhatWasSentTwiceSaysNothing) {
  Flow flow(200);
  EXPECT_EQ(flow.ack(SimTime{0}, us(10)), 200);
}

}  // namespace
}  // namespace railyard
