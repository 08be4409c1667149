// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include "traffic/pattern/collective/algorithm.h"

namespace railyard::collective {
namespace {

TEST(Registry, EveryKindHasADefault) {
  for (Kind kind : {Kind::AllReduce, Kind::AllGather, Kind::ReduceScatter, Kind::Broadcast, Kind::AllToAll}) {
    EXPECT_EQ(default_algorithm(kind).kind, kind) << name_of(kind);
  }
}

TEST(Registry, FindsByKindAndName) {
  ASSERT_NE(find_algorithm(Kind::ReduceScatter, "ring"), nullptr);
  EXPECT_EQ(find_algorithm(Kind::ReduceScatter, "ring")->kind, Kind::ReduceScatter);
  EXPECT_EQ(find_algorithm(Kind::AllToAll, "ring"), nullptr);
}

}  // namespace
}  // namespace railyard::collective
