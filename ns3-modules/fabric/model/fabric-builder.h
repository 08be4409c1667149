// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "ns3-modules/fabric/model/fabric-plan.h"
#include "ns3-modules/fabric/model/fabric-settings.h"

#include <string>

#include <tl/expected.hpp>

namespace ns3
{

/**
 * The plan that `settings` ask for, wired and routed. The same settings give the same plan.
 * An error is one sentence that names the parameter as scenarios spell it, and what to set instead.
 */
tl::expected<FabricPlan, std::string> BuildFabric(const FabricSettings& settings);

/// One line in words: "k=8 fat-tree: 128 hosts, 80 switches, 1:1", with OversubscriptionOf.
std::string DescribeFabric(const FabricSettings& settings, const FabricPlan& plan);

/// What all NICs may send over what the leaves' uplinks carry; 0 where there are no uplinks.
double OversubscriptionOf(const FabricPlan& plan);

} // namespace ns3
