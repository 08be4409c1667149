// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/fabric/routing.h"

#include <algorithm>
#include <limits>

#include "traffic/fabric/fabric_adjacency.h"

namespace railyard {
namespace {

constexpr uint32_t kUnreached = std::numeric_limits<uint32_t>::max();

using Group = std::vector<uint16_t>;

uint16_t group_index(FabricRoutes& routes, const Group& group) {
  const auto found = std::find(routes.groups.begin(), routes.groups.end(), group);
  if (found != routes.groups.end()) return static_cast<uint16_t>(found - routes.groups.begin());
  routes.groups.push_back(group);
  return static_cast<uint16_t>(routes.groups.size() - 1);
}

class Router {
 public:
  explicit Router(const FabricPlan& plan)
      : plan_(plan),
        adjacency_(plan),
        endpoints_of_(plan.nodes.size()),
        distance_(plan.nodes.size()),
        routes_(plan.nodes.size()) {
    for (uint32_t node = plan.host_count; node < plan.first_reducer(); ++node)
      routes_[node].group_of.assign(plan.endpoint_count(), FabricRoutes::kNoRoute);
  }

  std::vector<FabricRoutes> run() {
    attach_endpoints();
    for (uint32_t leaf = plan_.host_count; leaf < plan_.first_reducer(); ++leaf) {
      if (!endpoints_of_[leaf].empty()) {
        measure_distances(leaf);
        route_towards(leaf);
      }
    }
    return std::move(routes_);
  }

 private:
  // Notes which switch each endpoint hangs on, and routes that switch to it.
  void attach_endpoints() {
    for (uint32_t endpoint = 0; endpoint < plan_.endpoint_count(); ++endpoint) {
      const FabricPort nic = plan_.port_of(endpoint);
      if (adjacency_.link_of(nic) == FabricAdjacency::kNoLink) continue;
      const FabricPort leaf = adjacency_.peer_of(nic);
      endpoints_of_[leaf.node].push_back(endpoint);
      FabricRoutes& routes = routes_[leaf.node];
      routes.group_of[endpoint] = group_index(routes, {static_cast<uint16_t>(leaf.port)});
    }
  }

  // Calls visit(port, neighbour) for each port of `node` that leads to a switch.
  template <class Visit>
  void for_each_switch_port(uint32_t node, Visit visit) const {
    for (uint32_t port = 0; port < adjacency_.port_count(node); ++port) {
      if (adjacency_.link_of({node, port}) == FabricAdjacency::kNoLink) continue;
      const uint32_t neighbour = adjacency_.peer_of({node, port}).node;
      if (plan_.is_switch(neighbour)) visit(static_cast<uint16_t>(port), neighbour);
    }
  }

  // Breadth-first: distance_ from `root`, order_ the switches reached, nearest first.
  void measure_distances(uint32_t root) {
    std::fill(distance_.begin(), distance_.end(), kUnreached);
    distance_[root] = 0;
    order_.assign(1, root);
    for (size_t next = 0; next < order_.size(); ++next) {
      const uint32_t node = order_[next];
      for_each_switch_port(node, [&](uint16_t, uint32_t neighbour) {
        if (distance_[neighbour] == kUnreached) {
          distance_[neighbour] = distance_[node] + 1;
          order_.push_back(neighbour);
        }
      });
    }
  }

  // Every other switch sends what is for `leaf` by all ports that lead one step nearer.
  void route_towards(uint32_t leaf) {
    Group group;
    for (size_t i = 1; i < order_.size(); ++i) {
      const uint32_t node = order_[i];
      group.clear();
      for_each_switch_port(node, [&](uint16_t port, uint32_t neighbour) {
        if (distance_[neighbour] + 1 == distance_[node]) group.push_back(port);
      });
      FabricRoutes& routes = routes_[node];
      const uint16_t index = group_index(routes, group);
      for (uint32_t endpoint : endpoints_of_[leaf]) routes.group_of[endpoint] = index;
    }
  }

  const FabricPlan& plan_;
  FabricAdjacency adjacency_;
  std::vector<std::vector<uint32_t>> endpoints_of_;  // by switch
  std::vector<uint32_t> distance_;                   // by switch, from the present leaf
  std::vector<uint32_t> order_;
  std::vector<FabricRoutes> routes_;
};

}  // namespace

std::vector<FabricRoutes> compute_routes(const FabricPlan& plan) {
  return Router(plan).run();
}

}  // namespace railyard
