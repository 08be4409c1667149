// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/fabric/spanning_tree.h"

#include <algorithm>
#include <cstdint>
#include <numeric>

#include "traffic/fabric/fabric_adjacency.h"

namespace railyard {
namespace {

class Tree {
 public:
  explicit Tree(const FabricPlan& plan)
      : plan_(plan), adjacency_(plan), on_tree_(plan.nodes.size()), reached_(plan.nodes.size()) {
    for (uint32_t node = plan.host_count; node < plan.first_reducer(); ++node)
      on_tree_[node].resize(plan.nodes[node].port_count);
  }

  void grow_from(uint32_t root) {
    if (reached_[root]) return;  // by an earlier root: the fabric is in one piece
    reached_[root] = true;
    std::vector<uint32_t> order{root};
    for (size_t next = 0; next < order.size(); ++next)
      for (uint32_t port = 0; port < adjacency_.port_count(order[next]); ++port)
        if (const FabricPort peer = peer_of({order[next], port}); take({order[next], port}, peer))
          order.push_back(peer.node);
  }

  std::vector<std::vector<bool>> ports() { return std::move(on_tree_); }

 private:
  // Its own where nothing is plugged in.
  FabricPort peer_of(FabricPort port) const {
    return adjacency_.link_of(port) == FabricAdjacency::kNoLink ? port : adjacency_.peer_of(port);
  }

  // Whether the link leads to a switch that is new to the tree.
  bool take(FabricPort from, FabricPort to) {
    const bool to_host = !plan_.is_switch(to.node);
    if (!to_host && reached_[to.node]) return false;
    on_tree_[from.node][from.port] = true;
    if (to_host) return false;
    on_tree_[to.node][to.port] = true;
    reached_[to.node] = true;
    return true;
  }

  const FabricPlan& plan_;
  FabricAdjacency adjacency_;
  std::vector<std::vector<bool>> on_tree_;
  std::vector<bool> reached_;
};

}  // namespace

std::vector<std::vector<bool>> spanning_tree(const FabricPlan& plan) {
  std::vector<uint32_t> roots(plan.first_reducer() - plan.host_count);
  std::iota(roots.begin(), roots.end(), plan.host_count);
  std::stable_sort(roots.begin(), roots.end(),
                   [&](uint32_t a, uint32_t b) { return plan.nodes[a].tier > plan.nodes[b].tier; });
  Tree tree(plan);
  for (const uint32_t root : roots) tree.grow_from(root);
  return tree.ports();
}

}  // namespace railyard
