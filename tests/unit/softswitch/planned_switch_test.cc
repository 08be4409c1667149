// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/softswitch/planned_switch.h"

#include <gmock/gmock.h>

#include "tests/unit/softswitch/switch_plans.h"

namespace railyard::lab {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

tl::expected<PlannedSwitch, std::string> planned(const control::Plan& plan, size_t ports) {
  return planned_switch(plan, port_names(ports), started_with(ports));
}

std::string error_of(const control::Plan& plan, size_t ports) {
  const auto made = planned(plan, ports);
  return made ? "no error" : made.error();
}

TEST(PlannedSwitch, TakesSettingsRatesDelaysAndFaults) {
  control::Plan plan = plan_of(2);
  add_fault(plan, "", "1.in.drop", "5%");
  const auto made = planned(plan, 3);
  ASSERT_TRUE(made) << made.error();
  EXPECT_EQ(made->settings.switching.dynamic_th, -2);
  EXPECT_EQ(made->settings.switching.maps.dscp_to_tc[26], 4);
  EXPECT_EQ(made->settings.rates[1], BitRate::megabits(100));
  EXPECT_EQ(made->settings.rates[2], BitRate::gigabits(10));
  EXPECT_EQ(made->settings.link_delay, SimTime::microseconds(100));
  EXPECT_EQ(made->port_faults[1].in.drop, 5);
  EXPECT_EQ(made->port_faults[1].out.drop, 0);
}

TEST(PlannedSwitch, TakesItsOwnOfTheFabricsSwitches) {
  control::Plan plan = plan_of(2);
  control::Switch& spine = *plan.add_fabric();
  spine.set_name("spine0");
  spine.set_node(9);
  for (const std::string& name : port_names(3)) {
    control::SwitchPort& port = *spine.add_ports();
    port.set_name(name);
    port.set_rate_bps(BitRate::megabits(400).bps);
    port.set_to_switch(true);
    port.set_on_tree(spine.ports_size() < 3);
  }
  control::PortGroup& group = *spine.add_groups();
  group.add_ports(2);
  group.add_ports(1);
  spine.add_group_of_endpoint(0);
  spine.add_group_of_endpoint(0xffff);  // cannot be reached
  plan.set_switch_name("spine0");
  const auto made = planned(plan, 3);
  ASSERT_TRUE(made) << made.error();
  EXPECT_EQ(made->name, "spine0");
  EXPECT_EQ(made->settings.node, 9u);
  EXPECT_THAT(made->settings.rates, testing::Each(BitRate::megabits(400)));
  EXPECT_THAT(made->settings.to_switch, ElementsAre(true, true, true));
  EXPECT_THAT(made->routes.on_tree, ElementsAre(true, true, false));
  EXPECT_THAT(made->routes.groups, ElementsAre(ElementsAre(2, 1)));
  EXPECT_THAT(made->routes.group_of, ElementsAre(std::pair<uint32_t, uint16_t>{0x0a000001, 0}));
}

// Switches obey pauses by their own settings, which leaves another pool than hosts that take their time.
TEST(PlannedSwitch, LinksToSwitchesNeedTheirOwnHeadroom) {
  control::Plan plan = plan_of(2);
  plan.mutable_fabric(0)->mutable_ports(1)->set_rate_bps(BitRate::gigabits(100).bps);
  add(*plan.mutable_switches(), "mmu_size", "8MB");  // so that headroom takes of the pool
  add(*plan.mutable_nic(), "pfc_response_time", "20us");
  add(*plan.mutable_switches(), "pfc_response_time", "1us");
  const Bytes between_hosts = shared_pool_of(planned(plan, 2)->settings);
  plan.mutable_fabric(0)->mutable_ports(1)->set_to_switch(true);
  const Bytes with_a_switch = shared_pool_of(planned(plan, 2)->settings);
  EXPECT_GT(with_a_switch.n, between_hosts.n);
}

TEST(PlannedSwitch, ErrorsSayWhatDoesNotFit) {
  EXPECT_THAT(error_of(plan_of(4), 3),
              HasSubstr("leaf0 has 4 ports in the fabric, and this soft switch 3; start it with "
                        "--port ring:p0,a --port ring:p1,a"));
  control::Plan plan = plan_of(2);
  plan.mutable_fabric(0)->mutable_ports(1)->set_name("ring:up,a");
  EXPECT_THAT(error_of(plan, 2),
              HasSubstr("port 1 of leaf0 is 'ring:up,a' in lab.switches, and 'ring:p1,a' here"));
  plan = plan_of(2);
  plan.set_switch_name("leaf7");
  EXPECT_THAT(error_of(plan, 2), HasSubstr("no soft switch 'leaf7'"));
  plan = plan_of(2);
  add(*plan.mutable_switches(), "alpha", "1");
  EXPECT_THAT(error_of(plan, 3), HasSubstr("names 'alpha'"));
  plan = plan_of(2);
  plan.set_link_delay_ps(-1);
  EXPECT_THAT(error_of(plan, 3), HasSubstr("link_delay of -1 ps"));
  plan = plan_of(2);
  add(*plan.mutable_switches(), "dynamic_th", "9");
  EXPECT_THAT(error_of(plan, 3), HasSubstr("switch.dynamic_th: "));
  plan = plan_of(2);
  add_fault(plan, "", "9.drop", "1");
  EXPECT_THAT(error_of(plan, 3), HasSubstr("there is no port 9"));
}

TEST(PlannedSwitch, RefusesRoutesThatLeadNowhere) {
  control::Plan plan = plan_of(2);
  plan.mutable_fabric(0)->mutable_groups(0)->set_ports(0, 2);
  EXPECT_THAT(error_of(plan, 3), HasSubstr("there is no port 2"));
  plan = plan_of(2);
  plan.mutable_fabric(0)->add_groups();
  EXPECT_THAT(error_of(plan, 3), HasSubstr("a group without ports"));
  plan = plan_of(2);
  plan.mutable_fabric(0)->add_group_of_endpoint(0);
  EXPECT_THAT(error_of(plan, 3), HasSubstr("they are for 3 endpoints, of 2"));
  plan = plan_of(2);
  plan.mutable_fabric(0)->mutable_ports(0)->set_rate_bps(3);
  EXPECT_THAT(error_of(plan, 3), HasSubstr("port 0: a rate of 3bps is too slow"));
}

TEST(PlannedSwitch, HasItsFaultsAndThoseOfAllSwitches) {
  control::Plan plan = plan_of(2);
  for (const char* name : {"leaf1", "leaf2"}) {
    *plan.add_fabric() = plan.fabric(0);
    plan.mutable_fabric(plan.fabric_size() - 1)->set_name(name);
  }
  add_fault(plan, "leaf0", "drop", "1%");
  add_fault(plan, "leaf1", "drop", "2%");
  add_fault(plan, "", "1.out.corrupt", "3%");
  for (const auto& [name, drop] : {std::pair{"leaf0", 1.0}, {"leaf1", 2.0}, {"leaf2", 0.0}}) {
    plan.set_switch_name(name);
    const auto made = planned(plan, 2);
    ASSERT_TRUE(made) << made.error();
    EXPECT_EQ(made->port_faults[0].in.drop, drop) << name;
    EXPECT_EQ(made->port_faults[1].out.corrupt, 3) << name;
    EXPECT_EQ(made->faults.size(), drop == 0 ? 1u : 2u);
  }
}

}  // namespace
}  // namespace railyard::lab
