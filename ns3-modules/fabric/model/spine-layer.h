// SPDX-License-Identifier: BSD-3-Clause
// The two upper tiers that leaf-spine and rail-optimized fabrics have in common.
#pragma once

#include "ns3-modules/fabric/model/fabric-plan.h"
#include "ns3-modules/fabric/model/fabric-settings.h"

#include <string>

#include <tl/expected.hpp>

namespace ns3
{

/// Whether `leafCount` leaves with `downPorts` ports for NICs can be joined as `settings` ask.
tl::expected<void, std::string> CheckSpineLayer(const FabricSettings& settings,
                                                uint64_t leafCount,
                                                uint64_t downPorts);

/**
 * Adds leaves and spines, and leafSpineLinks links between each pair. On a leaf the uplinks follow
 * the `downPorts`, spine by spine. \return the first leaf's index in plan.nodes
 */
uint32_t AddLeavesAndSpines(FabricPlan& plan,
                            const FabricSettings& settings,
                            uint32_t leafCount,
                            uint32_t downPorts);

} // namespace ns3
