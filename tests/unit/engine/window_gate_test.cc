// SPDX-License-Identifier: GPL-2.0-only
#include "ns3-modules/engine/model/window-gate.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>
#include <vector>

namespace railyard {
namespace {

constexpr uint32_t kThreads = 3;

// Every thread adds the round to its own number, which the one reads, and nobody locks: what one side wrote
// is there for the other. `slow` is asked who sleeps in which round, 0 being the one.
template <class Slow>
void run_rounds(uint32_t rounds, Slow slow) {
  ns3::WindowGate gate(kThreads);
  uint32_t told = 0;
  bool leave = false;
  std::vector<uint64_t> sums(kThreads, 0);
  const auto maybe_sleep = [&](uint32_t who, uint32_t round) {
    if (slow(who, round)) std::this_thread::sleep_for(std::chrono::milliseconds(2));
  };
  std::vector<std::thread> threads;
  for (uint32_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (uint32_t round = 1;; ++round) {
        gate.WaitForRound(round);
        if (leave) return;
        maybe_sleep(1 + t, round);
        sums[t] += told;
        gate.Return();
      }
    });
  }
  uint64_t expected = 0, wrong = 0;
  for (uint32_t round = 1; round <= rounds; ++round) {
    maybe_sleep(0, round);
    told = round;
    expected += round;
    gate.Open();
    gate.WaitForAll();
    // Not ASSERT: the threads have to be joined.
    for (const uint64_t sum : sums) wrong += sum != expected ? 1 : 0;
  }
  leave = true;
  gate.Open();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0u) << "of " << rounds << " rounds' sums of " << kThreads << " threads";
}

TEST(WindowGate, LetsAllThroughOnceARound) {
  run_rounds(5'000, [](uint32_t, uint32_t) { return false; });
}

// Longer than anybody spins: those who wait sleep, and are woken.
TEST(WindowGate, WakesThoseWhoSleepBeforeIt) {
  run_rounds(30, [](uint32_t who, uint32_t) { return who == 0; });
}

TEST(WindowGate, WakesTheOneThatWaitsForTheLast) {
  run_rounds(30, [](uint32_t who, uint32_t round) { return who == 1 + round % kThreads; });
}

}  // namespace
}  // namespace railyard
