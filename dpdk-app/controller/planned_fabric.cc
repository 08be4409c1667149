// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/controller/planned_fabric.h"

#include "tools/scenario/lab_address.h"
#include "traffic/fabric/fabric_adjacency.h"
#include "traffic/fabric/spanning_tree.h"

namespace railyard::lab {
namespace {

void add_ports(const LabSwitch& lab_switch, uint32_t node, const FabricPlan& fabric,
               const std::vector<bool>& on_tree, control::Switch& planned) {
  const FabricAdjacency adjacency(fabric);
  for (uint32_t i = 0; i < fabric.nodes[node].port_count; ++i) {
    control::SwitchPort& port = *planned.add_ports();
    port.set_name(lab_switch.ports[i]);
    const uint32_t link = adjacency.link_of({node, i});
    const bool is_wired = link != FabricAdjacency::kNoLink;  // others have some rate
    port.set_rate_bps(fabric.links[is_wired ? link : 0].rate.bps);
    port.set_to_switch(is_wired && adjacency.peer_of({node, i}).node >= fabric.host_count);
    port.set_on_tree(on_tree[i]);
  }
}

void add_routes(const FabricRoutes& routes, control::Switch& planned) {
  for (const std::vector<uint16_t>& ports : routes.groups) {
    control::PortGroup& group = *planned.add_groups();
    for (const uint16_t port : ports) group.add_ports(port);
  }
  for (const uint16_t group : routes.group_of) planned.add_group_of_endpoint(group);
}

}  // namespace

void add_fabric(const LabSettings& lab, const FabricPlan& fabric, control::Plan& plan) {
  const auto tree = spanning_tree(fabric);
  for (const LabSwitch& lab_switch : lab.switches) {
    const auto node = switch_of(lab_switch.name, fabric);
    if (lab_switch.kind != LabSwitchKind::Softswitch || !node) continue;
    control::Switch& planned = *plan.add_fabric();
    planned.set_name(lab_switch.name);
    planned.set_node(*node);
    add_ports(lab_switch, *node, fabric, tree[*node], planned);
    add_routes(fabric.routes[*node], planned);
  }
}

}  // namespace railyard::lab
