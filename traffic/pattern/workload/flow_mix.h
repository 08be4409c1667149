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
#include "traffic/units/quantity.h"

namespace railyard {

// Flows of measured sizes between ranks at random, which arrive as a Poisson process, as in the generator of
// Li et al., HPCC, SIGCOMM 2019 (traffic_gen). So that every seed offers the stated load, the process is one
// given its number of arrivals, which then are independent and uniform in time, and the sizes are drawn one
// from each of as many equal parts of the distribution.
struct FlowMixSettings {
  std::string sizes = "websearch";  // one of named_flow_sizes(), or a file, relative to the scenario file
  double load = 0.3;                // of each rank's link, on average, counted in payload
  SimTime duration = SimTime::milliseconds(10);  // of arrivals
  uint32_t ranks = 16;
  BitRate link_rate = BitRate{};  // of each rank; 0: the fabric's
  workload::QueuePairsOfFlows queue_pairs = workload::QueuePairsOfFlows::Each;
};

// Drawn from the context's seed. The error is one sentence: a setting out of range, or what is wrong with the
// file.
tl::expected<trace::Trace, std::string> make_flow_mix(const FlowMixSettings& settings,
                                                      const WorkloadContext& context);

const std::vector<Parameter<FlowMixSettings>>& parameters_of(const FlowMixSettings*);
Workload flow_mix_workload();

}  // namespace railyard
