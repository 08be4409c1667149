// SPDX-License-Identifier: BSD-3-Clause
// What a comparison of settings cannot show.
#pragma once

#include <string>
#include <vector>

#include "tools/scenario/scenario.h"

namespace railyard {

// One sentence, without a full stop, for each job that has a congestion control or a DSCP of its own, so that
// it is the same in all settings, though the NICs' differs between them.
std::vector<std::string> hidden_differences(const Scenario& scenario);

}  // namespace railyard
