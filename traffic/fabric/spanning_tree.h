// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include "traffic/fabric/fabric_plan.h"

namespace railyard {

// By node, then by port: the links of a fabric on which a frame that is flooded reaches every node once.
// Those to hosts are; of those between switches a breadth-first tree from the first switch of the highest
// tier. Hosts have no entries: they do not forward.
std::vector<std::vector<bool>> spanning_tree(const FabricPlan& plan);

}  // namespace railyard
