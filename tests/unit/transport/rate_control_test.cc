// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/protocol/transport/rate_control.h"

#include <gtest/gtest.h>

#include "traffic/protocol/congestion/congestion_settings.h"

namespace railyard {
namespace {

constexpr BitRate kLine = BitRate::gigabits(100);

SimTime us(int64_t n) {
  return SimTime::microseconds(n);
}

class EveryAlgorithm : public testing::TestWithParam<size_t> {
 protected:
  // A queue pair that has sent and was told of congestion, so that its timers run.
  void congest(RateControl& control) {
    control.lay_out({0, 0, &congestion_algorithms()[GetParam()], settings_.of(GetParam())}, states_, kLine);
    control.start(4096, SimTime{0});
    for (int64_t i = 0; i < 20; ++i) {
      control.sent(4158, us(i));
      control.signalled(CongestionSignal::Cnp, us(i));
    }
  }

 private:
  StateArena states_;
  const CongestionSettings settings_;
};

TEST_P(EveryAlgorithm, LookingAheadIsWhatAdvancingFinds) {
  RateControl looked_at, advanced;
  congest(looked_at);
  congest(advanced);
  for (const int64_t later : {20, 100, 1'000, 10'000, 1'000'000}) {
    const Allowance seen = looked_at.at(us(later));
    advanced.advance(us(later));
    EXPECT_EQ(seen.rate_bps, advanced.rate_bps()) << later;
    EXPECT_EQ(seen.window_bytes, advanced.window_bytes()) << later;
    EXPECT_EQ(seen.deadline, advanced.deadline()) << later;
  }
}

TEST_P(EveryAlgorithm, LookingChangesNothing) {
  RateControl looked_at, left_alone;
  congest(looked_at);
  congest(left_alone);
  for (int64_t later = 20; later < 3'000; ++later) {
    looked_at.at(us(later));
    ASSERT_EQ(looked_at.rate_bps(), left_alone.rate_bps());
    ASSERT_EQ(looked_at.deadline(), left_alone.deadline());
  }
  looked_at.signalled(CongestionSignal::Cnp, us(3'000));
  left_alone.signalled(CongestionSignal::Cnp, us(3'000));
  EXPECT_EQ(looked_at.rate_bps(), left_alone.rate_bps());
}

INSTANTIATE_TEST_SUITE_P(Rows, EveryAlgorithm, testing::Range(size_t{0}, congestion_algorithms().size()),
                         [](const auto& row) {
                           return std::string(congestion_algorithms()[row.param].name);
                         });

}  // namespace
}  // namespace railyard
