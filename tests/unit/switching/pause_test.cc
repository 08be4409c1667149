// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/protocol/switching/pause.h"

#include <gtest/gtest.h>

#include "traffic/units/quantity.h"

namespace railyard {
namespace {

TEST(PauseQuantum, Is512BitTimes) {
  EXPECT_EQ(pause_duration_ps(1, BitRate::gigabits(100).ps_per_byte()), 5'120);
  EXPECT_EQ(pause_duration_ps(65'535, BitRate::gigabits(40).ps_per_byte()), 838'848'000);  // 838.8 us
  EXPECT_EQ(pause_duration_ps(65'535, BitRate::gigabits(400).ps_per_byte()), 83'884'800);
  EXPECT_EQ(pause_duration_ps(0, BitRate::gigabits(40).ps_per_byte()), 0);
}

TEST(PauseState, CountsPausesAndTheirTime) {
  PauseState state;
  EXPECT_FALSE(state.paused(3));
  EXPECT_TRUE(state.pause(3, 1'000, 100));
  EXPECT_TRUE(state.paused(3));
  EXPECT_FALSE(state.paused(4));
  EXPECT_EQ(state.since(3), 100);
  EXPECT_EQ(state.total_ps(150), 50);
  EXPECT_TRUE(state.resume(3, 400));
  EXPECT_FALSE(state.paused(3));
  EXPECT_EQ(state.count(), 1u);
  EXPECT_EQ(state.total_ps(9'999), 300);
}

TEST(PauseState, ARefreshMovesTheEndOnly) {
  PauseState state;
  state.pause(0, 1'000, 0);
  EXPECT_FALSE(state.pause(0, 1'500, 500));
  EXPECT_EQ(state.until(0), 1'500);
  EXPECT_FALSE(state.pause(0, 700, 600));  // a shorter pause replaces a longer one
  EXPECT_EQ(state.until(0), 700);
  EXPECT_EQ(state.since(0), 0);
  EXPECT_TRUE(state.resume(0, 700));
  EXPECT_EQ(state.count(), 1u);
  EXPECT_EQ(state.total_ps(700), 700);
}

TEST(PauseState, AResumeWithoutAPauseIsNothing) {
  PauseState state;
  EXPECT_FALSE(state.resume(5, 10));
  EXPECT_EQ(state.total_ps(10), 0);
}

TEST(PauseState, AddsUpOverQueues) {
  PauseState state;
  state.pause(2, 1'000, 0);
  state.pause(3, 1'000, 100);
  EXPECT_EQ(state.total_ps(200), 200 + 100);
  state.resume(2, 200);
  EXPECT_EQ(state.total_ps(300), 200 + 200);
  EXPECT_EQ(state.count(), 2u);
}

TEST(PauseState, MayBeginAtTimeZero) {
  PauseState state;
  EXPECT_TRUE(state.pause(0, 10, 0));
  EXPECT_TRUE(state.paused(0));
}

}  // namespace
}  // namespace railyard
