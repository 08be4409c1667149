// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/agent/spsc_queue.h"

#include <gtest/gtest.h>

#include <thread>

namespace railyard::lab {
namespace {

TEST(SpscQueue, KeepsOrderBetweenTwoThreads) {
  constexpr uint64_t kValues = 200'000;  // many blocks
  SpscQueue<uint64_t> queue;
  std::thread pushes([&] {
    for (uint64_t i = 0; i < kValues; ++i) queue.push(i);
  });
  for (uint64_t next = 0, value = 0; next < kValues;) {
    if (!queue.pop(value)) {
      std::this_thread::yield();
      continue;
    }
    ASSERT_EQ(value, next++);
  }
  pushes.join();
  uint64_t value = 0;
  EXPECT_FALSE(queue.pop(value));
}

TEST(SpscQueue, HoldsWhatNobodyTakes) {
  SpscQueue<int> queue;
  for (int i = 0; i < 1'000; ++i) queue.push(i);
  int value = -1;
  EXPECT_TRUE(queue.pop(value));
  EXPECT_EQ(value, 0);
}

}  // namespace
}  // namespace railyard::lab
