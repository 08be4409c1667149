// SPDX-License-Identifier: BSD-3-Clause
// What a scenario says of its switch, without a controller: so hosts of any kind can be attached to it.
#pragma once

#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "dpdk-app/softswitch/options.h"

namespace railyard::lab {

// Switch settings, link rate and delay, and the faults of the scenario's softswitch that is named as this
// one, or of its only one; all with the scenario's time scale applied. `setting` may be empty where the
// scenario has just one. `options.ports` are given. The error names the file, what is wrong and the remedy.
tl::expected<void, std::string> take_from_scenario(const std::string& file, const std::string& setting,
                                                   SoftswitchOptions& options);

// The soft switches of the scenario's lab with names, addresses, ports and the fabric's spanning tree: all of
// them, or where `name` is not empty that one. The rest is what their controller says.
tl::expected<std::vector<SwitchOptions>, std::string> switches_of_lab(const std::string& file,
                                                                      const std::string& name);

}  // namespace railyard::lab
