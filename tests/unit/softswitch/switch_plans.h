// SPDX-License-Identifier: BSD-3-Clause
// Plans as a controller would make them for soft switches, and what these were started with.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "dpdk-app/control/control.pb.h"
#include "dpdk-app/softswitch/emulated_switch.h"

namespace railyard::lab {

inline EmulatedSwitchSettings started_with(size_t ports) {
  EmulatedSwitchSettings settings;
  settings.rates.assign(ports, BitRate::gigabits(10));
  return settings;
}

// "ring:p0,a", ...
inline std::vector<std::string> port_names(size_t ports) {
  std::vector<std::string> names;
  for (size_t i = 0; i < ports; ++i) names.push_back("ring:p" + std::to_string(i) + ",a");
  return names;
}

inline void add(google::protobuf::RepeatedPtrField<control::Value>& to, const char* name, const char* text) {
  control::Value& value = *to.Add();
  value.set_name(name);
  value.set_text(text);
}

inline void add_fault(control::Plan& plan, const char* switch_name, const char* path, const char* text) {
  control::Fault& fault = *plan.add_faults();
  fault.set_switch_name(switch_name);
  fault.set_path(path);
  fault.set_text(text);
}

// `endpoints` hosts at 100 Mb/s, host i at port i of leaf0.
inline control::Plan plan_of(size_t endpoints) {
  control::Plan plan;
  plan.set_scenario("incast");
  plan.set_setting("dcqcn");
  plan.set_seed(7);
  plan.set_switch_name("leaf0");
  plan.set_link_delay_ps(SimTime::microseconds(100).ps);
  plan.set_sample_interval_ps(SimTime::milliseconds(10).ps);
  control::Switch& leaf = *plan.add_fabric();
  leaf.set_name("leaf0");
  leaf.set_node(static_cast<uint32_t>(endpoints));
  const std::vector<std::string> names = port_names(endpoints);
  for (uint32_t i = 0; i < endpoints; ++i) {
    control::Endpoint& endpoint = *plan.add_endpoints();
    endpoint.set_rate_bps(BitRate::megabits(100).bps);
    endpoint.set_ip(0x0a000001 + i);
    control::SwitchPort& port = *leaf.add_ports();
    port.set_name(names[i]);
    port.set_rate_bps(BitRate::megabits(100).bps);
    port.set_on_tree(true);
    leaf.add_groups()->add_ports(i);
    leaf.add_group_of_endpoint(i);
  }
  add(*plan.mutable_nic(), "mtu", "1024");
  add(*plan.mutable_switches(), "dynamic_th", "-2");
  add(*plan.mutable_switches(), "dscp_to_tc_map", "26:4");
  return plan;
}

}  // namespace railyard::lab
