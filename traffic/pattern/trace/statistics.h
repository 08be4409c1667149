// SPDX-License-Identifier: BSD-3-Clause
// What `railyard trace stats` prints: how much of what a trace sends, over all ranks.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "traffic/pattern/trace/trace.pb.h"

namespace railyard::trace {

// Operations of one kind in groups of one size. A collective counts once, however many ranks take part.
struct TrafficRow {
  std::string kind;         // "all-reduce", "send"
  uint32_t group_size = 0;  // 0 for a send
  uint64_t count = 0;
  uint64_t bytes = 0;  // as nccl-tests counts
  uint64_t smallest = 0, median = 0, largest = 0;
};

struct Spread {
  uint64_t least = 0, mean = 0, most = 0;
};

struct TraceStatistics {
  std::vector<TrafficRow> rows;  // most bytes first
  Spread compute_ns;             // summed on a rank, over the ranks that do anything
  Spread operations;             // of a rank
};

TraceStatistics statistics_of(const Trace& trace);

std::string to_text(const TraceStatistics& statistics);

}  // namespace railyard::trace
