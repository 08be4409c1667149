// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "traffic/parameter/parameter.h"
#include "traffic/pattern/trace/trace.pb.h"
#include "traffic/pattern/workload/open_loop.h"
#include "traffic/pattern/workload/workload.h"

namespace railyard {

// Flows from a CSV file with one line of column names and these columns in any order:
//   source, destination  ranks
//   bytes                a number, or with a unit (1MiB)
//   start                with a unit (12.5us); or start_s, start_ms, start_us, start_ns: a number
struct FlowListSettings {
  std::string path;    // relative to the scenario file
  uint32_t ranks = 0;  // 0: up to the largest that the file names
  workload::QueuePairsOfFlows queue_pairs = workload::QueuePairsOfFlows::Each;
};

// Errors name the file, the line and the remedy.
tl::expected<trace::Trace, std::string> make_flow_list(const FlowListSettings& settings,
                                                       const WorkloadContext& context);

const std::vector<Parameter<FlowListSettings>>& parameters_of(const FlowListSettings*);
Workload flow_list_workload();

}  // namespace railyard
