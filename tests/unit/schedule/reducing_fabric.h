// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

#include "traffic/pattern/schedule/reducing_switches.h"

namespace railyard::schedule {

// Leaves and spines that reduce. The reducers of leaves have the NIC 0 beside hosts and 1 beside spines.
inline ReducingSwitches reducing_leaf_spine(uint32_t leaves, uint32_t spines, uint32_t endpoints_of_leaf) {
  ReducingSwitches switches;
  switches.neighbours.resize(leaves + spines);
  for (uint32_t leaf = 0; leaf < leaves; ++leaf) {
    for (uint32_t i = 0; i < endpoints_of_leaf; ++i) switches.of_endpoint.push_back({leaf, 0});
    for (uint32_t spine = 0; spine < spines; ++spine) {
      switches.neighbours[leaf].push_back({leaves + spine, 1});
      switches.neighbours[leaves + spine].push_back({leaf, leaf});
    }
  }
  uint32_t endpoint = leaves * endpoints_of_leaf;
  for (uint32_t at = 0; at < switches.count(); ++at) {
    switches.first_endpoint.push_back(endpoint);
    endpoint += at < leaves ? 2 : leaves;
  }
  return switches;
}

}  // namespace railyard::schedule
