// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include "traffic/pattern/collective/algorithm.h"

namespace railyard::collective {
namespace {

TEST(Registry, EveryKindHasADefault) {
  for (size_t kind = 0; kind < kKinds; ++kind)
    EXPECT_EQ(default_algorithm(static_cast<Kind>(kind)).kind, static_cast<Kind>(kind));
}

TEST(Registry, FindsByKindAndName) {
  ASSERT_NE(find_algorithm(Kind::ReduceScatter, "ring"), nullptr);
  EXPECT_EQ(find_algorithm(Kind::ReduceScatter, "ring")->kind, Kind::ReduceScatter);
  EXPECT_EQ(find_algorithm(Kind::AllToAll, "ring"), nullptr);
}

}  // namespace
}  // namespace railyard::collective
