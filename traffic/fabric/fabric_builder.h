// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include <tl/expected.hpp>

#include "traffic/fabric/fabric_plan.h"
#include "traffic/fabric/fabric_settings.h"

namespace railyard {

// The plan that `settings` ask for, wired and routed. The same settings give the same plan.
// An error is one sentence that names the parameter as scenarios spell it, and what to set instead.
tl::expected<FabricPlan, std::string> build_fabric(const FabricSettings& settings);

// One line in words: "k=8 fat-tree: 128 hosts, 80 switches, 1:1", with oversubscription_of.
std::string describe_fabric(const FabricSettings& settings, const FabricPlan& plan);

// What all NICs may send over what the leaves' uplinks carry; 0 where there are no uplinks.
double oversubscription_of(const FabricPlan& plan);

}  // namespace railyard
