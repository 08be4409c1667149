// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include <tl/expected.hpp>

#include "traffic/fabric/fabric_plan.h"
#include "traffic/fabric/fabric_settings.h"

namespace railyard {

// A k-ary fat-tree [Al-Fares, Loukissas, Vahdat, "A Scalable, Commodity Data Center Network
// Architecture", SIGCOMM 2008, section 3]: k pods of k/2 leaves and k/2 spines, and (k/2)^2 cores,
// each joined to every pod; core c hangs on spine c / (k/2) of a pod. With H hosts a leaf, host =
// pod * (k/2) * H + leaf in pod * H + i. All NICs of a host go to its leaf.
// The routes are not filled in.
tl::expected<FabricPlan, std::string> wire_fat_tree(const FabricSettings& settings);

}  // namespace railyard
