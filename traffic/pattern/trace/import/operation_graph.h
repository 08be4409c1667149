// SPDX-License-Identifier: BSD-3-Clause
// A captured rank has thousands of kernels and few communications. What is between two communications matters
// only by how long it takes; this folds it.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "traffic/pattern/trace/trace.pb.h"

namespace railyard::trace {

struct GraphNode {
  std::vector<uint32_t> after;  // indices of earlier nodes
  uint64_t delay_ns = 0;        // from the end of the last of them (or the trace's beginning) to the start
  uint64_t duration_ns = 0;     // of local work; a communication's is what the replay finds out
  std::optional<Operation> communication;
};

// Appends to `rank` the communications of the graph, in order, and Compute operations that stand for
// everything else. However long the communications take in the replay, each starts when it would start if
// every node were kept: a chain of local nodes becomes one Compute, and a node that joins several chains
// stays as one.
void append_folded(std::vector<GraphNode> nodes, Rank& rank);

}  // namespace railyard::trace
