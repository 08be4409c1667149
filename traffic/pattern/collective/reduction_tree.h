// SPDX-License-Identifier: BSD-3-Clause
// Who adds up whose data where switches do it: places of a lane's members, then those of its reducers.
#pragma once

#include <cstdint>
#include <vector>

#include "traffic/pattern/collective/collective.h"

namespace railyard::collective {

struct ReductionTree {
  // Edges towards the root, by place.
  struct Level {
    std::vector<uint32_t> parent;       // kNobody: none
    std::vector<uint32_t> first_child;  // in children, and one more
    std::vector<uint32_t> children;

    uint32_t child_count(uint32_t place) const { return first_child[place + 1] - first_child[place]; }
    uint32_t child(uint32_t place, uint32_t nth) const { return children[first_child[place] + nth]; }
  };
  // Within hosts: every member to its host's reducer, and that to the one member that speaks for the host,
  // which is child and parent of the reducer. Empty where hosts have none.
  Level host;
  // Between hosts, up to a switch's reducer; and within them, where hosts have no reducer, as chains.
  Level network;
  uint32_t lanes = 1;  // of the group, that share its hosts' links

  uint32_t places() const { return static_cast<uint32_t>(network.parent.size()); }
};

// Of that many places, where place p's parent is parents[p], kNobody for none. Children are in ascending
// order.
ReductionTree::Level level_of(std::vector<uint32_t> parents);

}  // namespace railyard::collective
