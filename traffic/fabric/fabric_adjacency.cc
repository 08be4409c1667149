// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/fabric/fabric_adjacency.h"

namespace railyard {

FabricAdjacency::FabricAdjacency(const FabricPlan& plan) {
  first_port_.reserve(plan.nodes.size() + 1);
  uint32_t ports = 0;
  for (const FabricNode& node : plan.nodes) {
    first_port_.push_back(ports);
    ports += node.port_count;
  }
  first_port_.push_back(ports);

  links_.assign(ports, kNoLink);
  peers_.resize(ports);
  for (uint32_t i = 0; i < plan.links.size(); ++i) {
    const FabricLink& link = plan.links[i];
    const uint32_t a = first_port_[link.a.node] + link.a.port;
    const uint32_t b = first_port_[link.b.node] + link.b.port;
    links_[a] = links_[b] = i;
    peers_[a] = link.b;
    peers_[b] = link.a;
  }
}

}  // namespace railyard
