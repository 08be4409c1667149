// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/schedule/switch_trees.h"

#include <algorithm>
#include <limits>
#include <set>

namespace railyard::schedule {
namespace {

using Way = ReducingSwitches::Way;

constexpr uint32_t kUnreached = std::numeric_limits<uint32_t>::max();

// From a switch to the root; the way is the same for all who come by it.
struct Climb {
  Way up;             // to the next switch
  uint32_t down = 0;  // NIC of that one's reducer beside the port that leads back
};

Way way_between(const ReducingSwitches& switches, uint32_t from, uint32_t to) {
  const auto& ways = switches.neighbours[from];
  return *std::find_if(ways.begin(), ways.end(), [to](Way way) { return way.to == to; });
}

class TreeMaker {
 public:
  TreeMaker(const ReducingSwitches& switches, const std::vector<uint32_t>& distance, uint32_t root)
      : switches_(switches), distance_(distance), root_(root) {}

  SwitchTree make(const std::vector<uint32_t>& endpoints) {
    for (const uint32_t endpoint : endpoints) {
      const uint32_t at = switches_.of_endpoint[endpoint].to;
      ++below_[at];
      climb(at);
    }
    SwitchTree tree;
    std::map<uint32_t, uint32_t> index;
    for (const auto& [at, count] : below_) {
      if (!stays(at)) continue;
      index[at] = static_cast<uint32_t>(tree.switches.size());
      tree.switches.push_back(at);
    }
    for (const uint32_t at : tree.switches) {
      SwitchTree::Edge edge;
      if (at != root_) {
        edge = edge_from(climbs_.at(at).up.to, climbs_.at(at).down, index);
        edge.nic = climbs_.at(at).up.nic;
      }
      tree.edges.push_back(edge);
    }
    for (const uint32_t endpoint : endpoints) {
      const Way leaf = switches_.of_endpoint[endpoint];
      tree.leaves.push_back(edge_from(leaf.to, leaf.nic, index));
    }
    return tree;
  }

 private:
  // What is sent on to the root counts once at each switch that it comes by.
  void climb(uint32_t at) {
    for (; at != root_ && climbs_.count(at) == 0; at = climbs_[at].up.to) {
      const auto& ways = switches_.neighbours[at];
      const Way up = *std::find_if(ways.begin(), ways.end(),
                                   [&](Way way) { return distance_[way.to] + 1 == distance_[at]; });
      climbs_[at] = {up, way_between(switches_, up.to, at).nic};
      ++below_[up.to];
    }
  }
  bool stays(uint32_t at) const { return at == root_ || below_.at(at) > 1; }

  // To the first switch from `at` on that stays, where what comes enters by that NIC of its reducer.
  SwitchTree::Edge edge_from(uint32_t at, uint32_t nic, const std::map<uint32_t, uint32_t>& index) const {
    while (!stays(at)) {
      const Climb& next = climbs_.at(at);
      nic = next.down;
      at = next.up.to;
    }
    return {index.at(at), 0, nic};
  }

  const ReducingSwitches& switches_;
  const std::vector<uint32_t>& distance_;  // from the root
  const uint32_t root_;
  std::map<uint32_t, uint32_t> below_;  // by switch: NICs and switches
  std::map<uint32_t, Climb> climbs_;    // by switch
};

}  // namespace

const SwitchTrees::Distances& SwitchTrees::distances_from(uint32_t at) {
  const auto [entry, is_new] = distances_.try_emplace(at);
  Distances& distance = entry->second;
  if (!is_new) return distance;
  distance.assign(switches_.count(), kUnreached);
  distance[at] = 0;
  std::vector<uint32_t> order{at};
  for (size_t next = 0; next < order.size(); ++next)
    for (const Way way : switches_.neighbours[order[next]]) {
      if (distance[way.to] != kUnreached) continue;
      distance[way.to] = distance[order[next]] + 1;
      order.push_back(way.to);
    }
  return distance;
}

tl::expected<uint32_t, std::string> SwitchTrees::next_root(const std::vector<uint32_t>& leaves) {
  Distances farthest(switches_.count());
  for (const uint32_t leaf : leaves) {
    const Distances& distance = distances_from(leaf);
    for (uint32_t at = 0; at < farthest.size(); ++at) farthest[at] = std::max(farthest[at], distance[at]);
  }
  const uint32_t nearest = *std::min_element(farthest.begin(), farthest.end());
  if (nearest == kUnreached) return tl::make_unexpected("no switch leads to all of its hosts");
  auto nth = laid_++ % static_cast<uint32_t>(std::count(farthest.begin(), farthest.end(), nearest));
  uint32_t root = 0;
  while (farthest[root] != nearest || nth-- > 0) ++root;
  return root;
}

tl::expected<SwitchTree, std::string> SwitchTrees::next(const std::vector<uint32_t>& endpoints) {
  std::set<uint32_t> leaves;
  for (const uint32_t endpoint : endpoints) leaves.insert(switches_.of_endpoint[endpoint].to);
  const auto root = next_root({leaves.begin(), leaves.end()});
  if (!root) return tl::make_unexpected(root.error());
  return TreeMaker(switches_, distances_from(*root), *root).make(endpoints);
}

}  // namespace railyard::schedule
