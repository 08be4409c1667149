// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/softswitch/forwarding.h"

#include <gtest/gtest.h>

namespace railyard::lab {
namespace {

constexpr MacKey kHost = 0x020000000001, kGroup = 0x030000000001;

TEST(MacTable, KnowsWhereAnAddressWasLastSeenUntilItIsTooLongAgo) {
  MacTable table;
  EXPECT_FALSE(table.find(kHost, {}));
  table.learn(kHost, 3, {});
  EXPECT_EQ(table.find(kHost, {}), 3);
  table.learn(kHost, 5, {1'000});
  EXPECT_EQ(table.find(kHost, {1'000}), 5);
  EXPECT_EQ(table.find(kHost, SimTime{1'000} + MacTable::kAgeing), 5);
  EXPECT_FALSE(table.find(kHost, SimTime{1'001} + MacTable::kAgeing));
}

TEST(MacTable, LearnsNoGroups) {
  MacTable table;
  table.learn(kGroup, 3, {});
  EXPECT_EQ(table.size(), 0u);
}

TEST(MacTable, MakesRoomByForgettingOldAddresses) {
  MacTable table;
  for (MacKey i = 0; i < MacTable::kCapacity; ++i) table.learn(kHost + (i << 8), 1, {});
  const MacKey newcomer = 0x0a0000000001;
  table.learn(newcomer, 2, {1});
  EXPECT_FALSE(table.find(newcomer, {1}));
  EXPECT_EQ(table.size(), MacTable::kCapacity);
  const SimTime later = MacTable::kAgeing + SimTime{2};
  table.learn(newcomer, 2, later);
  EXPECT_EQ(table.find(newcomer, later), 2);
  EXPECT_EQ(table.size(), 1u);
}

}  // namespace
}  // namespace railyard::lab
