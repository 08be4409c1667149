// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include <tl/expected.hpp>

#include "traffic/fabric/fabric_plan.h"
#include "traffic/fabric/fabric_settings.h"

namespace railyard {

// Two tiers: each leaf has hosts_per_leaf hosts, with all their NICs, and leaf_spine_links links to
// each spine. host = leaf * hosts_per_leaf + i. One leaf and no spine is a single switch.
// The routes are not filled in.
tl::expected<FabricPlan, std::string> wire_leaf_spine(const FabricSettings& settings);

// One leaf without spines, whatever `leaves` and `spines` say.
tl::expected<FabricPlan, std::string> wire_single_switch(const FabricSettings& settings);

}  // namespace railyard
