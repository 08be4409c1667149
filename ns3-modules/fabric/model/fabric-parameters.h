// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "ns3-modules/fabric/model/fabric-settings.h"

#include "traffic/parameter/parameter.h"

namespace ns3
{

/// The rows of FabricSettings: scenario keys, checks, Attributes and the reference page are made
/// from them.
const std::vector<railyard::Parameter<FabricSettings>>& parameters_of(const FabricSettings*);

} // namespace ns3
