// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "ns3-modules/fabric/model/fabric-plan.h"
#include "ns3-modules/fabric/model/fabric-settings.h"

#include <string>

#include <tl/expected.hpp>

namespace ns3
{

/**
 * Rails: NIC r of every host goes to a leaf of rail r, and the spines join the leaves of all rails.
 * A rail has `leaves` leaves; host h hangs on leaf r * leaves + h / hostsPerLeaf by its NIC r, so
 * there are leaves * hostsPerLeaf hosts. [NVIDIA, "Doubling all2all Performance with NVIDIA
 * Collective Communication Library 2.12", 2022: rail-optimized topology]
 * The routes are not filled in.
 */
tl::expected<FabricPlan, std::string> WireRailOptimized(const FabricSettings& settings);

} // namespace ns3
