// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "dpdk-app/control/control.pb.h"

namespace railyard::lab {

struct AgentResources;
class TscClock;

// What an agent says of itself and its machine.
control::Identity identity_of(const AgentResources& resources, const TscClock& clock);

}  // namespace railyard::lab
