// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include <tl/expected.hpp>

#include "traffic/fabric/fabric_plan.h"
#include "traffic/fabric/fabric_settings.h"

namespace railyard {

// Rails: NIC r of every host goes to a leaf of rail r, and the spines join the leaves of all rails.
// A rail has `leaves` leaves; host h hangs on leaf r * leaves + h / hosts_per_leaf by its NIC r, so
// there are leaves * hosts_per_leaf hosts. [NVIDIA, "Doubling all2all Performance with NVIDIA
// Collective Communication Library 2.12", 2022: rail-optimized topology]
// The routes are not filled in.
tl::expected<FabricPlan, std::string> wire_rail_optimized(const FabricSettings& settings);

}  // namespace railyard
