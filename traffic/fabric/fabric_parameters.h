// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "traffic/fabric/fabric_settings.h"
#include "traffic/parameter/parameter.h"

namespace railyard {

// The rows of FabricSettings: scenario keys, checks, Attributes and the reference page are made
// from them.
const std::vector<Parameter<FabricSettings>>& parameters_of(const FabricSettings*);

}  // namespace railyard
