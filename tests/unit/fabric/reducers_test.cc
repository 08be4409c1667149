// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/fabric/reducers.h"

#include <gmock/gmock.h>

#include "tests/unit/fabric/fabric_test_plans.h"
#include "traffic/fabric/headrooms.h"
#include "traffic/fabric/path.h"
#include "traffic/fabric/routing.h"

namespace railyard {
namespace {

using ::testing::HasSubstr;

FabricSettings reducing(FabricSettings settings) {
  settings.in_network_reduction = InNetworkReduction::Switches;
  return settings;
}

TEST(Reducers, ComeAfterAllElse) {
  const FabricPlan without = must_build(leaf_spine(2, 2, 6));
  const FabricPlan with = must_build(reducing(leaf_spine(2, 2, 6)));
  EXPECT_EQ(without.reducer_count(), 0u);
  EXPECT_EQ(with.reducer_count(), 4u);
  EXPECT_EQ(with.first_reducer(), without.nodes.size());
  for (uint32_t node = 0; node < without.nodes.size(); ++node) {
    EXPECT_EQ(with.nodes[node].name, without.nodes[node].name);
    EXPECT_EQ(with.is_switch(node), without.is_switch(node));
    // What leads to hosts and other switches is by the same ports.
    for (uint32_t endpoint = 0; endpoint < without.endpoint_count() && without.is_switch(node); ++endpoint) {
      const auto ports = [&](const FabricPlan& plan) {
        const FabricRoutes& routes = plan.routes[node];
        return routes.groups[routes.group_of[endpoint]];
      };
      EXPECT_EQ(ports(with), ports(without));
    }
  }
  EXPECT_EQ(with.nodes[with.first_reducer() + 1].name, "leaf1-reducer");
  EXPECT_EQ(oversubscription_of(with), oversubscription_of(without));
  EXPECT_EQ(describe_fabric(leaf_spine(2, 2, 6), with), describe_fabric(leaf_spine(2, 2, 6), without));
}

TEST(Reducers, HaveANicForFourPorts) {
  const FabricPlan plan = must_build(reducing(leaf_spine(2, 3, 6)));
  const uint32_t leaf = plan.host_count, reducer = plan.first_reducer();
  EXPECT_EQ(plan.nodes[reducer].port_count, 3u);  // six hosts, three spines
  EXPECT_EQ(plan.nodes[leaf].port_count, 9u + 3);
  EXPECT_EQ(plan.nodes[plan.nodes.size() - 1].port_count, 1u);  // two leaves
}

TEST(Reducers, AreFoundByTheirEndpoints) {
  const FabricPlan plan = must_build(reducing(rails(4, 2, 2, 5)));
  EXPECT_GT(plan.endpoint_count(), plan.host_count * plan.nics_per_host);
  for (uint32_t endpoint = 0; endpoint < plan.endpoint_count(); ++endpoint) {
    const FabricPort port = plan.port_of(endpoint);
    ASSERT_FALSE(plan.is_switch(port.node));
    ASSERT_LT(port.port, plan.nodes[port.node].port_count);
    EXPECT_EQ(plan.endpoint_of(port), endpoint);
  }
  EXPECT_EQ(plan.station_count(), plan.host_count + plan.reducer_count());
  EXPECT_EQ(plan.station_of(3), 3u);
  EXPECT_EQ(plan.station_of(plan.first_reducer() + 2), plan.host_count + 2);
}

TEST(Reducers, AreReachedFromEveryHost) {
  for (const FabricSettings& settings : {fat_tree(4), leaf_spine(3, 2, 4), rails(2, 2, 2, 3)}) {
    const FabricPlan plan = must_build(reducing(settings));
    const FabricPaths paths(plan, {}, {});
    for (uint32_t host = 0; host < plan.host_count; ++host)
      for (uint32_t to = plan.reducer_endpoints.front(); to < plan.endpoint_count(); ++to) {
        EXPECT_FALSE(paths.links_between(host * plan.nics_per_host, to).empty());
        EXPECT_FALSE(paths.links_between(to, host * plan.nics_per_host).empty());
      }
  }
}

TEST(Reducers, FitBesideALargestSwitch) {
  const FabricPlan plan = must_build(reducing(leaf_spine(1, 0, 256)));
  EXPECT_EQ(plan.nodes[256].port_count, 256u + 64);
}

// There and back, whatever the reducer's NIC takes.
TEST(Reducers, TakeTheirLatency) {
  FabricSettings settings = reducing(leaf_spine(1, 0, 2));
  const auto up = [&] {
    const FabricPlan plan = must_build(settings);
    return FabricPaths(plan, {}, {}).completion_time(0, plan.reducer_endpoints.front(), Bytes{1});
  };
  const SimTime before = up();
  settings.reduction_latency = SimTime::nanoseconds(200);
  EXPECT_EQ(up() - before, SimTime::nanoseconds(100));
}

// Its NIC never sends faster than the ports that it serves, however fast its link is.
TEST(Reducers, NeedHeadroomForTheirPortsOnly) {
  FabricSettings settings = reducing(leaf_spine(1, 0, 6));
  settings.link_rate = BitRate::gigabits(400);
  const FabricPlan plan = must_build(settings);
  const SwitchSettings switches;
  const NicSettings nics;
  const NodeSettings of{[&](uint32_t) -> const SwitchSettings& { return switches; },
                        [&](uint32_t) -> const NicSettings& { return nics; }, nics.mtu};
  const auto headrooms = headrooms_of(plan, of)[plan.host_count];
  const auto expected = [&](uint32_t gigabits) {
    return headroom_from_host(BitRate::gigabits(gigabits), SimTime{}, switches, nics, nics.mtu);
  };
  EXPECT_EQ(headrooms[6], expected(1'600));
  EXPECT_EQ(headrooms[7], expected(800));
}

TEST(Reducers, OfScaleUpLinksNeedSuch) {
  FabricSettings settings = leaf_spine(1, 0, 2);
  settings.in_network_reduction = InNetworkReduction::ScaleUp;
  EXPECT_EQ(must_build(settings).reducer_count(), 0u);
  settings.scale_up_rate = {};
  const auto refused = build_fabric(settings);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error(), HasSubstr("in_network_reduction"));
  EXPECT_THAT(refused.error(), HasSubstr("set scale_up_rate"));
}

}  // namespace
}  // namespace railyard
