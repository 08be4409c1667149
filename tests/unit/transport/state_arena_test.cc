// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/protocol/transport/state_arena.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <new>
#include <utility>
#include <vector>

namespace railyard {
namespace {

struct Counted {
  static int alive;
  uint64_t value = 7;
  Counted() { ++alive; }
  ~Counted() { --alive; }
};
int Counted::alive = 0;

void construct(void* at) {
  new (at) Counted();
}
void destroy(void* at) {
  static_cast<Counted*>(at)->~Counted();
}

TEST(StateArena, KeepsWhatItMadeWhereItIsAndSideBySide) {
  {
    StateArena arena;
    std::vector<Counted*> made;
    for (uint64_t i = 0; i < 1'000; ++i) {
      made.push_back(static_cast<Counted*>(arena.make(sizeof(Counted), construct, destroy)));
      made.back()->value = i;
    }
    EXPECT_EQ(reinterpret_cast<std::byte*>(made[1]) - reinterpret_cast<std::byte*>(made[0]), 16);
    const StateArena moved = std::move(arena);
    for (uint64_t i = 0; i < made.size(); ++i) EXPECT_EQ(made[i]->value, i);
    EXPECT_EQ(Counted::alive, 1'000);
  }
  EXPECT_EQ(Counted::alive, 0);
}

TEST(StateArena, HasRoomForStateThatIsLargerThanABlock) {
  StateArena arena;
  constexpr uint32_t kLarge = 100'000;
  void* const at = arena.make(
      kLarge, [](void* p) { std::fill_n(static_cast<std::byte*>(p), kLarge, std::byte{1}); }, [](void*) {});
  EXPECT_EQ(static_cast<std::byte*>(at)[kLarge - 1], std::byte{1});
}

}  // namespace
}  // namespace railyard
