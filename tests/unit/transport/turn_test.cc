// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/protocol/transport/turn.h"

#include <gtest/gtest.h>

#include <vector>

namespace railyard {
namespace {

struct Links {
  std::vector<uint32_t> next = std::vector<uint32_t>(8, 99);
  auto of() {
    return [this](uint32_t index) -> uint32_t& { return next[index]; };
  }
};

TEST(Turn, IsFirstInFirstOutInEachQueue) {
  Links links;
  Turn turn;
  EXPECT_EQ(turn.queues(), 0u);
  for (uint32_t index : {5u, 1u, 3u}) turn.push(3, index, links.of());
  turn.push(6, 0, links.of());
  EXPECT_EQ(turn.queues(), 1u << 3 | 1u << 6);
  EXPECT_EQ(turn.front(3), 5u);
  EXPECT_EQ(turn.pop(3, links.of()), 5u);
  turn.push(3, 5, links.of());
  EXPECT_EQ(turn.pop(6, links.of()), 0u);
  EXPECT_EQ(turn.queues(), 1u << 3);
  for (uint32_t index : {1u, 3u, 5u}) EXPECT_EQ(turn.pop(3, links.of()), index);
  EXPECT_EQ(turn.queues(), 0u);
}

}  // namespace
}  // namespace railyard
