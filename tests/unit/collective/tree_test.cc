// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/collective/tree.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace railyard::collective {
namespace {

uint32_t children(uint32_t lane, uint32_t size, uint32_t member) {
  Call call;
  call.size = size;
  call.me = member;
  call.lane = lane;
  call.strand = 1;  // down
  call.bytes = 1;
  return static_cast<uint32_t>(tree_all_reduce().peers(call).size());
}

// With an even number of members a leaf of the one tree has children in the other [Sanders et al., section
// 3].
TEST(Tree, WhoIsInsideOneTreeIsALeafOfTheOther) {
  for (const uint32_t size : {4u, 8u, 16u, 128u})
    for (uint32_t member = 0; member < size; ++member)
      EXPECT_EQ(children(0, size, member) == 0, children(1, size, member) != 0) << member << " of " << size;
}

// Messages one after another on the longest way up: no more than 1 + log2 of the members.
TEST(Tree, IsAsDeepAsTheLogarithm) {
  for (const uint32_t size : {2u, 5u, 8u, 100u, 128u}) {
    uint32_t deepest = 0;
    for (uint32_t member = 0; member < size; ++member) {
      Call call;
      call.size = size;
      call.bytes = 1;
      call.me = member;
      uint32_t depth = 0;
      for (auto up = tree_all_reduce().peers(call); !up.empty(); up = tree_all_reduce().peers(call)) {
        call.me = up.front();
        ++depth;
      }
      deepest = std::max(deepest, depth);
    }
    uint32_t log2 = 0;
    while (2u << log2 <= size) ++log2;
    EXPECT_LE(deepest, log2 + 1) << size;
  }
}

}  // namespace
}  // namespace railyard::collective
