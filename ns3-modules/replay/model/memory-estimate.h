// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "traffic/run/compiled_run.h"
#include "traffic/run/memory_estimate.h"

namespace ns3
{

/// What simulating a run takes of memory, with the datapath's own sizes.
railyard::MemoryEstimate EstimateMemory(const railyard::CompiledRun& run);

} // namespace ns3
