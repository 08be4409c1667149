// SPDX-License-Identifier: BSD-3-Clause
// The two upper tiers that leaf-spine and rail-optimized fabrics have in common.
#pragma once

#include <string>

#include <tl/expected.hpp>

#include "traffic/fabric/fabric_plan.h"
#include "traffic/fabric/fabric_settings.h"

namespace railyard {

// Whether `leaf_count` leaves with `down_ports` ports for NICs can be joined as `settings` ask.
tl::expected<void, std::string> check_spine_layer(const FabricSettings& settings, uint64_t leaf_count,
                                                  uint64_t down_ports);

// Adds leaves and spines, and leaf_spine_links links between each pair. On a leaf the uplinks follow
// the `down_ports`, spine by spine. Returns the first leaf's index in plan.nodes.
uint32_t add_leaves_and_spines(FabricPlan& plan, const FabricSettings& settings, uint32_t leaf_count,
                               uint32_t down_ports);

}  // namespace railyard
