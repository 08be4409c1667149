// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/device/timing_wheel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <map>
#include <set>
#include <utility>
#include <vector>

namespace railyard::lab {
namespace {

using ::testing::ElementsAre;

constexpr unsigned kShift = 4;  // slots of 16 ps
constexpr uint32_t kSlots = 8;  // a turn of 128 ps
using SmallWheel = TimingWheel<kShift, kSlots>;
constexpr SimTime kTick{1};
constexpr uint32_t kNoLimit = 1'000'000;

std::vector<uint32_t> poll(SmallWheel& wheel, int64_t now, uint32_t budget = kNoLimit) {
  std::vector<uint32_t> fired;
  wheel.poll({now}, budget, [&](uint32_t flow, SimTime) { fired.push_back(flow); });
  return fired;
}

TEST(TimingWheel, FiresAtTheTimeAndNotBefore) {
  SmallWheel wheel(2);
  wheel.schedule(0, {40});
  wheel.schedule(1, {45});  // the same slot
  EXPECT_EQ(wheel.next_due(), SimTime{40});
  EXPECT_THAT(poll(wheel, 39), ElementsAre());
  EXPECT_THAT(poll(wheel, 40), ElementsAre(0));
  EXPECT_TRUE(wheel.is_scheduled(1));
  EXPECT_THAT(poll(wheel, 45), ElementsAre(1));
  EXPECT_EQ(wheel.scheduled(), 0u);
  EXPECT_EQ(wheel.next_due(), SimTime::never());
}

TEST(TimingWheel, HoldsWhatLiesBeyondATurn) {
  SmallWheel wheel(1);
  wheel.schedule(0, {1'000});
  for (int64_t now = 0; now < 1'000; now += 7) EXPECT_THAT(poll(wheel, now), ElementsAre()) << now;
  EXPECT_THAT(poll(wheel, 1'000), ElementsAre(0));
}

TEST(TimingWheel, WhatIsLateComesAtTheNextPoll) {
  SmallWheel wheel(1, {5'000});
  wheel.schedule(0, {10});
  EXPECT_THAT(poll(wheel, 5'001), ElementsAre(0));
}

TEST(TimingWheel, ABudgetLeavesADebtThatIsSeenAndPaid) {
  SmallWheel wheel(4);
  for (uint32_t flow = 0; flow < 4; ++flow) wheel.schedule(flow, {flow * 20});
  EXPECT_THAT(poll(wheel, 100, 2), ElementsAre(0, 1));
  EXPECT_GE(wheel.debt(), SimTime{100 - 40} - SmallWheel::slot_time());
  EXPECT_THAT(poll(wheel, 100, 2), ElementsAre(2, 3));
  EXPECT_THAT(poll(wheel, 101), ElementsAre());
  EXPECT_EQ(wheel.debt(), SimTime{});
}

TEST(TimingWheel, NoFlowStarvesWhenAllAreLate) {
  constexpr uint32_t kFlows = 10;
  SmallWheel wheel(kFlows);
  std::vector<int> count(kFlows);
  for (uint32_t flow = 0; flow < kFlows; ++flow) wheel.schedule(flow, {1});
  SimTime now{10'000};
  for (int round = 0; round < 100; ++round, now += kTick) {
    wheel.poll(now, 3, [&](uint32_t flow, SimTime due) {
      ++count[flow];
      wheel.schedule(flow, due + kTick);  // far behind, whatever it does
    });
  }
  for (int n : count) EXPECT_EQ(n, 30);
}

TEST(TimingWheel, KeepsTheMeanRateOfEveryFlow) {
  TimingWheel<> wheel(100);
  std::vector<int64_t> sent(100);
  const auto gap = [](uint32_t flow) { return SimTime{1'000'000 + 37'000 * int64_t{flow}}; };
  for (uint32_t flow = 0; flow < 100; ++flow) wheel.schedule(flow, gap(flow));
  constexpr SimTime kEnd{2'000'000'000}, kStep{90'000};
  for (SimTime now; now <= kEnd; now += kStep) {
    wheel.poll(now, 64, [&](uint32_t flow, SimTime due) {
      ++sent[flow];
      EXPECT_LE(due, now);
      EXPECT_LT(now - due, kStep);
      wheel.schedule(flow, due + gap(flow));
    });
  }
  for (uint32_t flow = 0; flow < 100; ++flow) EXPECT_NEAR(sent[flow], kEnd / gap(flow), 1) << flow;
}

// Against a set ordered by time: without a limit the same flows fire at every poll, and slots in their order;
// with one as many as it allows, each of them due.
TEST(TimingWheel, DoesWhatASortedListDoes) {
  struct Step {
    bool schedules;
    uint32_t flow, budget;
    SimTime by;
  };
  EXPECT_TRUE(rc::check([] {
    constexpr uint32_t kFlows = 12;
    SmallWheel wheel(kFlows);
    std::map<uint32_t, SimTime> model;
    SimTime now;
    const auto steps = *rc::gen::container<std::vector<Step>>(rc::gen::construct<Step>(
        rc::gen::arbitrary<bool>(), rc::gen::inRange(0u, kFlows), rc::gen::element(1u, 3u, kNoLimit),
        rc::gen::construct<SimTime>(rc::gen::inRange<int64_t>(0, 400))));
    for (const Step& step : steps) {
      if (step.schedules) {
        if (model.count(step.flow) != 0) continue;
        const SimTime due = std::max(SimTime{}, now - SimTime{50} + step.by);
        wheel.schedule(step.flow, due);
        model[step.flow] = due;
      } else {
        now += step.by;
        size_t due_in_model = 0;
        for (const auto& [flow, due] : model) due_in_model += due <= now ? 1 : 0;
        std::vector<std::pair<uint32_t, SimTime>> fired;
        wheel.poll(now, step.budget, [&](uint32_t flow, SimTime due) { fired.emplace_back(flow, due); });
        RC_ASSERT(fired.size() == std::min<size_t>(due_in_model, step.budget));
        for (const auto& [flow, due] : fired) {
          RC_ASSERT(due <= now);
          RC_ASSERT(model.count(flow) == 1u && model[flow] == due);
          model.erase(flow);
        }
      }
      RC_ASSERT(wheel.scheduled() == model.size());
      for (const auto& [flow, due] : model) RC_ASSERT(wheel.next_due() <= due);
    }
  }));
}

}  // namespace
}  // namespace railyard::lab
