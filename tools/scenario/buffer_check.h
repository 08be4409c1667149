// SPDX-License-Identifier: BSD-3-Clause
// Whether the switches of a fabric can hold what their lossless priority groups may still take in once they
// have paused.
#pragma once

#include <string>

#include "tools/scenario/scenario.h"
#include "traffic/fabric/fabric_plan.h"

namespace railyard {

struct BufferFinding {
  std::string mistake;  // the headroom does not fit into the buffer; the bytes missing
  std::string warning;  // frames may be dropped, or the shared pool is smaller than pool_size
};

// Of the switch that lacks most; both empty where all of them hold what they must.
BufferFinding check_buffers(const NetworkSettings& network, const FabricPlan& plan);

}  // namespace railyard
