// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "ns3-modules/fabric/model/fabric-plan.h"
#include "ns3-modules/fabric/model/fabric-settings.h"

#include <string>

#include <tl/expected.hpp>

namespace ns3
{

/**
 * Two tiers: each leaf has hostsPerLeaf hosts, with all their NICs, and leafSpineLinks links to
 * each spine. host = leaf * hostsPerLeaf + i. One leaf and no spine is a single switch.
 * The routes are not filled in.
 */
tl::expected<FabricPlan, std::string> WireLeafSpine(const FabricSettings& settings);

/// One leaf without spines, whatever `leaves` and `spines` say.
tl::expected<FabricPlan, std::string> WireSingleSwitch(const FabricSettings& settings);

} // namespace ns3
