// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/schedule/placement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace railyard::schedule {
namespace {

using Locations = std::vector<RankLocation>;

Cluster cluster(uint32_t hosts, uint32_t gpus) {
  Cluster c;
  c.host_count = hosts;
  c.gpus_per_host = gpus;
  return c;
}

Placement placement(PlacementStrategy strategy, const std::string& hosts = "", uint32_t gpus = 0) {
  Placement p;
  p.strategy = strategy;
  p.hosts = hosts;
  p.gpus = gpus;
  return p;
}

TEST(Placement, LinearFillsAHostBeforeTheNext) {
  const auto ranks = place(placement(PlacementStrategy::Linear), 5, cluster(4, 2));
  EXPECT_EQ(ranks.value(), (Locations{{0, 0}, {0, 1}, {1, 0}, {1, 1}, {2, 0}}));
}

TEST(Placement, OneGpuAHostPutsEachRankOnItsOwn) {
  const auto ranks = place(placement(PlacementStrategy::Linear, "", 1), 3, cluster(4, 8));
  EXPECT_EQ(ranks.value(), (Locations{{0, 0}, {1, 0}, {2, 0}}));
}

TEST(Placement, StridedGoesRoundTheHosts) {
  const auto ranks = place(placement(PlacementStrategy::Strided), 5, cluster(3, 2));
  EXPECT_EQ(ranks.value(), (Locations{{0, 0}, {1, 0}, {2, 0}, {0, 1}, {1, 1}}));
}

TEST(Placement, HostsAreTakenInTheOrderOfTheList) {
  const auto ranks = place(placement(PlacementStrategy::Linear, "6, 1-2", 1), 3, cluster(8, 1));
  EXPECT_EQ(ranks.value(), (Locations{{6, 0}, {1, 0}, {2, 0}}));
}

TEST(Placement, RandomIsAFunctionOfItsSeedAndSharesNoGpu) {
  Placement p = placement(PlacementStrategy::Random);
  const auto first = place(p, 60, cluster(16, 4)).value();
  EXPECT_EQ(first, place(p, 60, cluster(16, 4)).value());
  std::set<std::pair<uint32_t, uint32_t>> slots;
  for (const RankLocation& l : first) {
    EXPECT_TRUE(l.host < 16 && l.gpu < 4);
    slots.insert({l.host, l.gpu});
  }
  EXPECT_EQ(slots.size(), 60U);
  p.seed = 2;
  EXPECT_FALSE(first == place(p, 60, cluster(16, 4)).value());
}

// Two pods of two leaves of two hosts, four GPUs and two NICs each.
Cluster pods() {
  Cluster c = cluster(8, 4);
  c.nics_per_host = 2;
  c.leaf_of = {0, 0, 1, 1, 2, 2, 3, 3};
  c.pod_of = {0, 0, 0, 0, 1, 1, 1, 1};
  return c;
}

Locations whole(std::initializer_list<uint32_t> hosts) {
  Locations locations;
  for (const uint32_t host : hosts)
    for (uint32_t gpu = 0; gpu < 4; ++gpu) locations.push_back({host, gpu});
  return locations;
}

TEST(Placement, PackedTakesWhatIsFreeHostAfterHost) {
  Placement p = placement(PlacementStrategy::Packed);
  p.taken = {{0, 0}, {0, 2}, {1, 0}, {1, 1}, {1, 2}, {1, 3}};
  EXPECT_EQ(place(p, 4, pods()).value(), (Locations{{0, 1}, {0, 3}, {2, 0}, {2, 1}}));
}

TEST(Placement, SpreadTakesAHostOfEachLeafInTurn) {
  Placement p = placement(PlacementStrategy::Spread);
  EXPECT_EQ(place(p, 6, pods()).value(), (Locations{{0, 0}, {2, 0}, {4, 0}, {6, 0}, {1, 0}, {3, 0}}));
  p.taken = {{0, 0}, {2, 0}, {2, 1}};
  const auto beside = place(p, 9, pods()).value();
  EXPECT_EQ(Locations(beside.begin(), beside.begin() + 3), (Locations{{0, 1}, {2, 2}, {4, 0}}));
  EXPECT_EQ(beside[8], (RankLocation{0, 2}));
}

TEST(Placement, RailAlignedFillsARailBeforeTheNext) {
  const auto ranks = place(placement(PlacementStrategy::RailAligned, "0-1"), 5, pods());
  EXPECT_EQ(ranks.value(), (Locations{{0, 0}, {0, 2}, {1, 0}, {1, 2}, {0, 1}}));
}

TEST(Placement, TopologyAwareTakesTheTightestPartThatHolds) {
  Placement p = placement(PlacementStrategy::TopologyAware);
  p.taken = {{0, 0}, {4, 0}, {4, 1}, {4, 2}};
  // Leaf 2 has five free GPUs: too few for eight, and the tightest for five. Leaf 0 has seven.
  EXPECT_EQ(place(p, 5, pods()).value(), (Locations{{4, 3}, {5, 0}, {5, 1}, {5, 2}, {5, 3}}));
  EXPECT_EQ(place(p, 8, pods()).value(), whole({2, 3}));
  // Pod 1 has 13, pod 0 has 15; in pod 1 its full leaf first.
  const auto of_pod = place(p, 10, pods()).value();
  EXPECT_EQ(Locations(of_pod.begin(), of_pod.begin() + 8), whole({6, 7}));
  EXPECT_EQ(of_pod[8], (RankLocation{4, 3}));
  EXPECT_EQ(place(p, 28, pods()).value().size(), 28U);
}

TEST(Placement, LocationsNameGpusOneByOne) {
  Placement p = placement(PlacementStrategy::Spread);
  p.locations = "3:0, 3:2,4:1-3";
  EXPECT_EQ(place(p, 4, pods()).value(), (Locations{{3, 0}, {3, 2}, {4, 1}, {4, 2}}));
  const auto error_of = [&](const char* locations) {
    p.locations = locations;
    const auto placed = place(p, 3, pods());
    return placed ? "placed" : placed.error();
  };
  EXPECT_EQ(error_of("3"), "'3' is not a host and its GPUs; write for instance 3:0, 4:0-7");
  EXPECT_EQ(error_of("8:0"), "host 8 in '8' does not exist; the fabric has hosts 0 to 7");
  EXPECT_EQ(error_of("1:4"), "GPU 4 in '4' does not exist; the fabric has GPUs 0 to 3");
  EXPECT_EQ(error_of("1:0-2,1:2"), "GPU 2 of host 1 is listed twice in '1:0-2,1:2'; name each GPU once");
  EXPECT_EQ(error_of("1:0,1:1"), "3 ranks do not fit on the 2 GPUs that are listed; list one for each rank");
}

TEST(PlacementRefuses, GpusThatAreNotFree) {
  Placement p = placement(PlacementStrategy::Packed, "0");
  p.taken = {{0, 0}};
  EXPECT_EQ(
      place(p, 4, pods()).error(),
      "4 ranks do not fit on 1 hosts with 4 GPUs each (4 in all, 1 of them in use by other jobs); use more "
      "hosts or GPUs, or fewer ranks");
}

std::string error_of(const Placement& p, uint32_t ranks) {
  const auto result = place(p, ranks, cluster(8, 2));
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
