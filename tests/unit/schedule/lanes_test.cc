// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/schedule/lanes.h"

#include <gmock/gmock.h>

namespace railyard::schedule {
namespace {

using testing::ElementsAre;

HostShape shape(uint32_t hosts, uint32_t gpus, uint32_t nics) {
  HostShape shape;
  shape.host_count = hosts;
  shape.gpus_per_host = gpus;
  shape.nics_per_host = nics;
  shape.scale_up_rate = BitRate::gigabits(3'600);
  return shape;
}

std::vector<RankLocation> filled(uint32_t hosts, uint32_t gpus) {
  std::vector<RankLocation> members;
  for (uint32_t host = 0; host < hosts; ++host)
    for (uint32_t gpu = 0; gpu < gpus; ++gpu) members.push_back({host, gpu});
  return members;
}

TEST(Lanes, HaveARingThroughEveryNic) {
  const Lanes lanes = lay_lanes(filled(2, 4), shape(2, 4, 4), 1);
  ASSERT_EQ(lanes.rings.size(), 4u);
  EXPECT_THAT(lanes.rings[0].member_at, ElementsAre(0, 1, 2, 3, 4, 5, 6, 7));
  EXPECT_THAT(lanes.rings[2].member_at, ElementsAre(2, 3, 0, 1, 6, 7, 4, 5));
  for (uint32_t ring = 0; ring < 4; ++ring) {
    EXPECT_THAT(lanes.rings[ring].nic, testing::Each(ring));
    EXPECT_EQ(lanes.rings[ring].per_host, 4u);
    for (uint32_t m = 0; m < 8; ++m) EXPECT_EQ(lanes.rings[ring].member_at[lanes.rings[ring].place_of[m]], m);
  }
  EXPECT_THAT(lanes.pairs.member_at, ElementsAre(0, 1, 2, 3, 4, 5, 6, 7));
  EXPECT_TRUE(lanes.pairs.nic.empty());
}

TEST(Lanes, DoubleRingsOnTheSameNics) {
  const Lanes lanes = lay_lanes(filled(2, 2), shape(2, 2, 2), 2);
  ASSERT_EQ(lanes.rings.size(), 4u);
  EXPECT_EQ(lanes.rings[0].member_at, lanes.rings[2].member_at);
  EXPECT_THAT(lanes.rings[3].nic, testing::Each(1u));
}

TEST(Lanes, EnterAHostBesideTheirNicWhereGpusShareNics) {
  const Lanes lanes = lay_lanes(filled(2, 8), shape(2, 8, 4), 1);
  ASSERT_EQ(lanes.rings.size(), 4u);
  EXPECT_EQ(lanes.rings[3].member_at.front(), 3u);
  EXPECT_EQ(lanes.rings[3].member_at[8], 11u);
}

TEST(Lanes, GoHostAfterHostWhateverTheGroupsOrder) {
  const std::vector<RankLocation> strided = {{0, 0}, {1, 0}, {0, 1}, {1, 1}};
  const Lanes lanes = lay_lanes(strided, shape(2, 2, 1), 1);
  ASSERT_EQ(lanes.rings.size(), 1u);
  EXPECT_THAT(lanes.rings[0].member_at, ElementsAre(0, 2, 1, 3));
}

// The same GPU of every host, as data parallelism beside tensor parallelism has it: its own NIC alone.
TEST(Lanes, UseTheNicsBesideTheGroupsMembersOnly) {
  const Lanes lanes = lay_lanes({{0, 5}, {1, 5}, {2, 3}}, shape(3, 8, 8), 1);
  ASSERT_EQ(lanes.rings.size(), 1u);
  EXPECT_THAT(lanes.rings[0].nic, ElementsAre(5, 5, 3));
}

TEST(Lanes, AreAsManyAsTheHostWithFewestNicsHas) {
  const Lanes lanes = lay_lanes({{0, 0}, {0, 1}, {0, 2}, {1, 1}, {1, 3}}, shape(2, 4, 4), 1);
  ASSERT_EQ(lanes.rings.size(), 2u);
  EXPECT_THAT(lanes.rings[1].member_at, ElementsAre(1, 2, 0, 4, 3));
  EXPECT_THAT(lanes.rings[1].nic, ElementsAre(1, 1, 1, 3, 3));
  EXPECT_EQ(lanes.rings[1].per_host, 1u);
}

TEST(Lanes, WithinAHostThereIsOne) {
  EXPECT_EQ(lay_lanes(filled(1, 8), shape(1, 8, 8), 2).rings.size(), 1u);
}

TEST(HostShape, PairsMeetOnTheReceiversRailWithPxn) {
  HostShape hosts = shape(2, 4, 4);
  EXPECT_EQ(hosts.nics_between({0, 1}, {1, 3}, true).source, 3u);
  EXPECT_EQ(hosts.nics_between({0, 1}, {1, 3}, false).source, 1u);
  EXPECT_EQ(hosts.nics_between({0, 1}, {1, 3}, false).destination, 3u);
  hosts.scale_up_rate = {};
  EXPECT_EQ(hosts.nics_between({0, 1}, {1, 3}, true).source, 1u);
}

}  // namespace
}  // namespace railyard::schedule
