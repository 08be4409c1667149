// SPDX-License-Identifier: GPL-2.0-only
#include "ns3-modules/engine/model/thread-choice.h"

#include <gtest/gtest.h>

#include <functional>
#include <utility>

namespace railyard {
namespace {

using ns3::ThreadChoice;
using Duration = ThreadChoice::Duration;

// A run on a clock of its own: a window is 1,000 events, each of which takes what the machine needs for it at
// that time.
class Machine {
 public:
  using Cost = std::function<double(Duration now, bool threads)>;  // ns an event

  explicit Machine(Cost cost) : cost_(std::move(cost)) { choice.Start(now); }

  void run_until(Duration end) {
    constexpr uint64_t kEvents = 1'000;
    while (now < end) {
      const bool threads = choice.UseThreads();
      const Duration took{static_cast<int64_t>(kEvents * cost_(now, threads))};
      now += took;
      (threads ? on_threads : on_one) += took;
      choice.OnWindow(now, events += kEvents);
    }
  }

  // Of the time since the last call, how much ran on one thread.
  double share_on_one() {
    const auto one = static_cast<double>(std::exchange(on_one, Duration(0)).count());
    return one / (one + static_cast<double>(std::exchange(on_threads, Duration(0)).count()));
  }

  ThreadChoice choice;
  Duration now = std::chrono::hours(5);  // clocks do not begin with the run
  uint64_t events = 0;

 private:
  Duration on_threads{0}, on_one{0};
  Cost cost_;
};

constexpr Duration seconds(double s) {
  return Duration(static_cast<int64_t>(s * 1e9));
}

const Duration kBegin = std::chrono::hours(5);

TEST(ThreadChoice, StaysWithThreadsThatPay) {
  Machine machine([](Duration, bool threads) { return threads ? 25.0 : 40.0; });
  machine.run_until(kBegin + seconds(10));
  EXPECT_EQ(machine.choice.Fallbacks(), 0U);
  EXPECT_LT(machine.share_on_one(), 0.02);  // what trials cost
  EXPECT_NEAR(machine.choice.NanosecondsOnThreads(), 25, 0.1);
  EXPECT_NEAR(machine.choice.NanosecondsOnOne(), 40, 0.1);
}

// Two on one busy core: twice one thread's time, while each waits for the other but half of it.
TEST(ThreadChoice, GivesUpThreadsThatTakeLonger) {
  Machine machine([](Duration, bool threads) { return threads ? 80.0 : 40.0; });
  machine.run_until(kBegin + seconds(0.3));
  EXPECT_EQ(machine.choice.Fallbacks(), 1U);
  EXPECT_FALSE(machine.choice.UseThreads());
  machine.share_on_one();
  machine.run_until(kBegin + seconds(10));
  EXPECT_GT(machine.share_on_one(), 0.98);
  EXPECT_EQ(machine.choice.Fallbacks(), 1U);
}

TEST(ThreadChoice, TriesAgainWhenTheMachineIsFree) {
  const Duration busy_until = kBegin + seconds(5);
  Machine machine([&](Duration now, bool threads) { return !threads ? 40.0 : now < busy_until ? 80 : 25; });
  machine.run_until(busy_until);
  EXPECT_FALSE(machine.choice.UseThreads());
  machine.run_until(busy_until + ThreadChoice::LONGEST_HOLD + seconds(0.1));
  EXPECT_TRUE(machine.choice.UseThreads());
  machine.share_on_one();
  machine.run_until(busy_until + seconds(20));
  EXPECT_LT(machine.share_on_one(), 0.02);
}

TEST(ThreadChoice, IsNotMovedByWhatIsNearlyTheSame) {
  Machine machine([](Duration, bool threads) { return threads ? 40.0 : 39.0; });
  machine.run_until(kBegin + seconds(10));
  EXPECT_EQ(machine.choice.Fallbacks(), 0U);
}

// The work grows steadily more expensive, as where queues build up: trials alternate, so neither side has the
// later, dearer windows.
TEST(ThreadChoice, IsNotMovedByWorkThatChanges) {
  Machine machine([](Duration now, bool threads) {
    return (threads ? 30.0 : 40.0) * (1 + std::chrono::duration<double>(now - kBegin).count());
  });
  machine.run_until(kBegin + seconds(10));
  EXPECT_EQ(machine.choice.Fallbacks(), 0U);
}

TEST(ThreadChoice, LeavesShortRunsAlone) {
  Machine machine([](Duration, bool threads) { return threads ? 80.0 : 40.0; });
  machine.run_until(kBegin + ThreadChoice::FIRST_HOLD / 2);
  EXPECT_EQ(machine.share_on_one(), 0);
}

}  // namespace
}  // namespace railyard
