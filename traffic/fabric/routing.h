// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include "traffic/fabric/fabric_plan.h"

namespace railyard {

// Equal-cost shortest-path next hops of every switch towards every endpoint, from nothing but nodes
// and links: after links have failed, removing them from the plan and calling this again re-routes.
// Hosts do not forward. An endpoint that cannot be reached gets FabricRoutes::kNoRoute.
//
// One breadth-first search from each switch that has hosts: all endpoints behind it share their
// groups everywhere else. Takes O(leaves * links), allocates O(switches * endpoints).
std::vector<FabricRoutes> compute_routes(const FabricPlan& plan);

}  // namespace railyard
