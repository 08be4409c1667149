// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/schedule/placement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace railyard::schedule {
namespace {

using Locations = std::vector<RankLocation>;

Placement placement(PlacementStrategy strategy, const std::string& hosts = "", uint32_t gpus = 0) {
  Placement p;
  p.strategy = strategy;
  p.hosts = hosts;
  p.gpus = gpus;
  return p;
}

TEST(Placement, LinearFillsAHostBeforeTheNext) {
  const auto ranks = place(placement(PlacementStrategy::Linear), 5, 4, 2);
  EXPECT_EQ(ranks.value(), (Locations{{0, 0}, {0, 1}, {1, 0}, {1, 1}, {2, 0}}));
}

TEST(Placement, OneGpuAHostPutsEachRankOnItsOwn) {
  const auto ranks = place(placement(PlacementStrategy::Linear, "", 1), 3, 4, 8);
  EXPECT_EQ(ranks.value(), (Locations{{0, 0}, {1, 0}, {2, 0}}));
}

TEST(Placement, StridedGoesRoundTheHosts) {
  const auto ranks = place(placement(PlacementStrategy::Strided), 5, 3, 2);
  EXPECT_EQ(ranks.value(), (Locations{{0, 0}, {1, 0}, {2, 0}, {0, 1}, {1, 1}}));
}

TEST(Placement, HostsAreTakenInTheOrderOfTheList) {
  const auto ranks = place(placement(PlacementStrategy::Linear, "6, 1-2", 1), 3, 8, 1);
  EXPECT_EQ(ranks.value(), (Locations{{6, 0}, {1, 0}, {2, 0}}));
}

TEST(Placement, RandomIsAFunctionOfItsSeedAndSharesNoGpu) {
  Placement p = placement(PlacementStrategy::Random);
  const auto first = place(p, 60, 16, 4).value();
  EXPECT_EQ(first, place(p, 60, 16, 4).value());
  std::set<std::pair<uint32_t, uint32_t>> slots;
  for (const RankLocation& l : first) {
    EXPECT_TRUE(l.host < 16 && l.gpu < 4);
    slots.insert({l.host, l.gpu});
  }
  EXPECT_EQ(slots.size(), 60U);
  p.seed = 2;
  EXPECT_FALSE(first == place(p, 60, 16, 4).value());
}

std::string error_of(const Placement& p, uint32_t ranks) {
  const auto result = place(p, ranks, 8, 2);
  return result ? "placed" : result.error();
}

TEST(PlacementRefuses, MoreRanksThanGpus) {
  EXPECT_EQ(
      error_of(placement(PlacementStrategy::Linear), 17),
      "17 ranks do not fit on 8 hosts with 2 GPUs each (16 in all); use more hosts or GPUs, or fewer ranks");
  EXPECT_EQ(
      error_of(placement(PlacementStrategy::Random, "0-3", 1), 5),
      "5 ranks do not fit on 4 hosts with 1 GPU each (4 in all); use more hosts or GPUs, or fewer ranks");
}

TEST(PlacementRefuses, HostsAndGpusThatDoNotExist) {
  EXPECT_EQ(error_of(placement(PlacementStrategy::Linear, "0-3,12"), 2),
            "host 12 in '12' does not exist; the fabric has hosts 0 to 7");
  EXPECT_EQ(error_of(placement(PlacementStrategy::Linear, "", 3), 2),
            "gpus is 3, but a host has 2; lower it");
}

TEST(PlacementRefuses, AListThatIsNone) {
  for (const char* hosts : {"a", "3-1", "1,,2", "0-", "-1", "1,"}) {
    EXPECT_THAT(error_of(placement(PlacementStrategy::Linear, hosts), 2),
                testing::HasSubstr("is not a host or a range of hosts; write for instance 0-7,12"))
        << hosts;
  }
  EXPECT_EQ(error_of(placement(PlacementStrategy::Linear, "0-3,2"), 2),
            "host 2 is listed twice in '0-3,2'; name each host once");
}

}  // namespace
}  // namespace railyard::schedule
