// SPDX-License-Identifier: BSD-3-Clause
// Flows that start at their time, whatever else goes on.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "traffic/pattern/trace/trace.pb.h"

namespace railyard::workload {

struct OpenLoopFlow {
  uint32_t source = 0, destination = 0;  // ranks
  uint64_t bytes = 0;
  uint64_t start_ns = 0;  // from the job's start
};

enum class QueuePairsOfFlows : uint8_t {
  Each,  // every flow has one of its own
  Pair   // flows from one rank to another share one, and wait there for those before them
};

// A trace of these flows, in order of their starts.
trace::Trace open_loop_trace(std::string name, std::string source, uint32_t ranks,
                             std::vector<OpenLoopFlow> flows, QueuePairsOfFlows queue_pairs);

}  // namespace railyard::workload
