// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/protocol/switching/pause.h"

#include <gtest/gtest.h>

#include <tuple>
#include <vector>

namespace railyard {
namespace {

constexpr SimTime ps(int64_t n) {
  return SimTime::picoseconds(n);
}

TEST(PauseQuantum, Is512BitTimes) {
  EXPECT_EQ(pause_duration(1, BitRate::gigabits(100).ps_per_byte()).ps, 5'120);
  EXPECT_EQ(pause_duration(65'535, BitRate::gigabits(40).ps_per_byte()).ps, 838'848'000);  // 838.8 us
  EXPECT_EQ(pause_duration(65'535, BitRate::gigabits(400).ps_per_byte()).ps, 83'884'800);
  EXPECT_EQ(pause_duration(0, BitRate::gigabits(40).ps_per_byte()).ps, 0);
}

TEST(PauseState, CountsPausesAndTheirTime) {
  PauseState state;
  EXPECT_FALSE(state.paused(3));
  EXPECT_TRUE(state.pause(3, ps(1'000), ps(100)));
  EXPECT_TRUE(state.paused(3));
  EXPECT_FALSE(state.paused(4));
  EXPECT_EQ(state.paused_queues(), 1u << 3);
  EXPECT_EQ(state.since(3), ps(100));
  EXPECT_EQ(state.total(ps(150)), ps(50));
  EXPECT_TRUE(state.resume(3, ps(400)));
  EXPECT_FALSE(state.paused(3));
  EXPECT_EQ(state.count(), 1u);
  EXPECT_EQ(state.total(ps(9'999)), ps(300));
}

TEST(PauseState, ARefreshMovesTheEndOnly) {
  PauseState state;
  state.pause(0, ps(1'000), ps(0));
  EXPECT_FALSE(state.pause(0, ps(1'500), ps(500)));
  EXPECT_EQ(state.until(0), ps(1'500));
  EXPECT_FALSE(state.pause(0, ps(700), ps(600)));  // a shorter pause replaces a longer one
  EXPECT_EQ(state.until(0), ps(700));
  EXPECT_EQ(state.since(0), ps(0));
  EXPECT_TRUE(state.resume(0, ps(700)));
  EXPECT_EQ(state.count(), 1u);
  EXPECT_EQ(state.total(ps(700)), ps(700));
}

TEST(PauseState, AResumeWithoutAPauseIsNothing) {
  PauseState state;
  EXPECT_FALSE(state.resume(5, ps(10)));
  EXPECT_EQ(state.total(ps(10)), ps(0));
}

TEST(PauseState, AddsUpOverQueues) {
  PauseState state;
  state.pause(2, ps(1'000), ps(0));
  state.pause(3, ps(1'000), ps(100));
  EXPECT_EQ(state.total(ps(200)), ps(200 + 100));
  state.resume(2, ps(200));
  EXPECT_EQ(state.total(ps(300)), ps(200 + 200));
  EXPECT_EQ(state.count(), 2u);
}

// A port on which nothing happens but pauses.
struct Port {
  static constexpr int64_t kPsPerByte = 80;
  using Armed = std::tuple<PauseTimer, uint32_t, int64_t>;
  using Change = std::tuple<bool, uint32_t, int64_t>;  // starts, queue, when

  explicit Port(SimTime response_time) {
    rules.response_time = response_time;
    for (uint32_t priority = 0; priority < kPriorities; ++priority)
      rules.queue_of_pfc[priority] = static_cast<uint8_t>(7 - priority);
  }

  PauseState& pauses() { return state; }
  const PauseRules& pause_rules() const { return rules; }
  int64_t pause_ps_per_byte() const { return kPsPerByte; }
  void arm(PauseTimer what, uint32_t which, SimTime at) { armed.emplace_back(what, which, at.ps); }
  void pause_started(uint32_t queue, uint32_t priority, SimTime now) {
    EXPECT_EQ(queue, 7 - priority);
    changes.emplace_back(true, queue, now.ps);
  }
  void pause_ended(uint32_t queue, SimTime now) { changes.emplace_back(false, queue, now.ps); }

  PauseRules rules;
  PauseState state;
  std::vector<Armed> armed;
  std::vector<Change> changes;
};

PauseRequest request(uint32_t priority, uint16_t quanta) {
  PauseRequest r;
  r.enable_vector = static_cast<uint8_t>(1u << priority);
  r.quanta[priority] = quanta;
  return r;
}

TEST(ReceivePause, StopsTheQueueOfThePriority) {
  Port port(SimTime{});
  receive_pause(port, request(3, 10), ps(1'000));
  EXPECT_EQ(port.changes, (std::vector<Port::Change>{{true, 4, 1'000}}));
  EXPECT_EQ(port.armed, (std::vector<Port::Armed>{{PauseTimer::RunsOut, 4, 1'000 + 10 * 64 * 80}}));
  receive_pause(port, request(3, 0), ps(2'000));
  EXPECT_EQ(port.changes.back(), (Port::Change{false, 4, 2'000}));
}

TEST(ReceivePause, LooksAtThePrioritiesThatAreMeant) {
  Port port(SimTime{});
  PauseRequest all;
  all.enable_vector = 0b1010'0000;
  all.quanta.fill(7);
  receive_pause(port, all, ps(0));
  EXPECT_EQ(port.state.paused_queues(), 0b0000'0101u);
  all.quanta[5] = 0;  // resumes that one, and refreshes the other
  receive_pause(port, all, ps(50));
  EXPECT_EQ(port.state.paused_queues(), 0b0000'0001u);
  EXPECT_EQ(port.state.until(0), ps(50) + pause_duration(7, Port::kPsPerByte));
}

TEST(ReceivePause, EndsWhenItRunsOutUnlessItWasRefreshed) {
  Port port(SimTime{});
  const int64_t length = pause_duration(10, Port::kPsPerByte).ps;
  receive_pause(port, request(0, 10), ps(0));
  receive_pause(port, request(0, 10), ps(length / 2));
  on_pause_timer(port, PauseTimer::RunsOut, 7, ps(length));
  EXPECT_TRUE(port.state.paused(7));
  on_pause_timer(port, PauseTimer::RunsOut, 7, ps(length + length / 2));
  EXPECT_FALSE(port.state.paused(7));
  EXPECT_EQ(port.changes, (std::vector<Port::Change>{{true, 7, 0}, {false, 7, length + length / 2}}));
}

TEST(ReceivePause, TakesTimeToObey) {
  Port port(ps(500));
  receive_pause(port, request(2, 10), ps(1'000));
  receive_pause(port, request(6, 20), ps(1'100));
  EXPECT_TRUE(port.changes.empty());
  EXPECT_EQ(port.armed, (std::vector<Port::Armed>{{PauseTimer::TakesEffect, 2, 1'500},
                                                  {PauseTimer::TakesEffect, 6, 1'600}}));
  on_pause_timer(port, PauseTimer::TakesEffect, 2, ps(1'500));
  on_pause_timer(port, PauseTimer::TakesEffect, 6, ps(1'600));
  // Each priority its own length, though the other's was announced meanwhile.
  EXPECT_EQ(port.state.until(5), ps(1'500) + pause_duration(10, Port::kPsPerByte));
  EXPECT_EQ(port.state.until(1), ps(1'600) + pause_duration(20, Port::kPsPerByte));
  receive_pause(port, request(2, 0), ps(2'000));
  EXPECT_TRUE(port.state.paused(5));
  EXPECT_EQ(port.armed.back(), (Port::Armed{PauseTimer::Resumes, 2, 2'500}));
  on_pause_timer(port, PauseTimer::Resumes, 2, ps(2'500));
  EXPECT_EQ(port.changes.back(), (Port::Change{false, 5, 2'500}));
}

}  // namespace
}  // namespace railyard
