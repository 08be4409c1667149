// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/protocol/congestion/dctcp.h"

#include <gtest/gtest.h>

namespace railyard {
namespace {

constexpr SenderContext kContext{BitRate::gigabits(100), 1000};

struct Flow {
  Dctcp::Sender sender;
  DctcpSettings settings;
  Allowance allowance;

  explicit Flow(uint64_t window, bool slow_start = false) {
    settings.initial_window = {window};
    settings.slow_start = slow_start;
    allowance = Dctcp::start(sender, settings, kContext, SimTime{0});
  }
  void ack(bool marked, uint64_t in_flight) {
    Dctcp::acked(sender, settings, {1000, in_flight, SimTime{0}, marked}, SimTime{0}, allowance);
  }
  // A round trip in which the window of `packets` is acknowledged, the first `marked` of it with marks.
  void round(uint32_t packets, uint32_t marked) {
    for (uint32_t i = 0; i < packets; ++i) ack(i < marked, (packets - 1) * 1000);
  }
};

TEST(Dctcp, StartsAtTheLinesRateWithItsWindow) {
  const Flow flow(20'000);
  EXPECT_EQ(flow.allowance.rate_bps, 100e9);
  EXPECT_EQ(flow.allowance.window_bytes, 20'000u);
}

TEST(Dctcp, WithoutMarksTheWindowGrowsByAPacketARoundTrip) {
  Flow flow(20'000);
  flow.round(20, 0);
  EXPECT_NEAR(static_cast<double>(flow.allowance.window_bytes), 21'000, 30);
}

TEST(Dctcp, InSlowStartItDoubles) {
  Flow flow(20'000, true);
  flow.round(20, 0);
  EXPECT_EQ(flow.allowance.window_bytes, 40'000u);
  flow.ack(true, 39'000);
  const uint64_t window = flow.allowance.window_bytes;
  for (int i = 0; i < 39; ++i) flow.ack(false, 39'000);
  EXPECT_EQ(flow.allowance.window_bytes, window) << "grew while what was in flight at the cut was";
  flow.round(22, 0);
  EXPECT_NEAR(static_cast<double>(flow.allowance.window_bytes), static_cast<double>(window) + 1'000, 50)
      << "slow start did not end with the first mark";
}

// alpha = 1 at first: RFC 8257, section 3.3, step 1.
TEST(Dctcp, TheFirstMarkHalvesTheWindowOnceARoundTrip) {
  Flow flow(20'000);
  flow.round(20, 20);
  EXPECT_EQ(flow.allowance.window_bytes, 10'000u);
}

TEST(Dctcp, AlphaFollowsTheShareOfMarkedBytes) {
  Flow flow(20'000);
  double alpha = 1;
  flow.ack(false, 19'000);  // ends the first, empty observation
  alpha = alpha * 15 / 16;
  for (const uint32_t marked : {0u, 5u, 19u, 10u}) {
    for (uint32_t i = 0; i < 19; ++i) flow.ack(i < marked, 19'000);
    alpha = alpha * 15 / 16 + marked / 19.0 / 16;
    EXPECT_NEAR(flow.sender.alpha, alpha, 1e-12) << marked;
  }
}

TEST(Dctcp, LossHalvesAndTheLeastWindowHolds) {
  Flow flow(20'000);
  flow.settings.minimum_window = {3'000};
  Dctcp::signalled(flow.sender, flow.settings, CongestionSignal::Cnp, SimTime{0}, flow.allowance);
  EXPECT_EQ(flow.allowance.window_bytes, 20'000u);
  Dctcp::signalled(flow.sender, flow.settings, CongestionSignal::Nak, SimTime{0}, flow.allowance);
  EXPECT_EQ(flow.allowance.window_bytes, 10'000u);
  for (int i = 0; i < 50; ++i) flow.round(20, 20);
  EXPECT_EQ(flow.allowance.window_bytes, 3'000u);
}

}  // namespace
}  // namespace railyard
