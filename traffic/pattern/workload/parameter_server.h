// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "traffic/parameter/parameter.h"
#include "traffic/pattern/trace/rank_builder.h"
#include "traffic/pattern/trace/trace.pb.h"
#include "traffic/pattern/workload/workload.h"
#include "traffic/units/quantity.h"

namespace railyard {

// Workers push gradients to servers, each of which has an equal part of the parameters, and pull parameters
// back [Li et al., OSDI 2014]. Ranks 0 to workers - 1 are the workers.
struct ParameterServerSettings {
  uint32_t workers = 8;
  uint32_t servers = 2;
  Bytes parameters = {100'000'000};  // of the model, as it is pulled
  double gradient_compression = 1;
  bool asynchronous = false;
  uint32_t steps = 2;
  SimTime compute = SimTime::milliseconds(10);  // of a worker, in each step
  SimTime update = SimTime::milliseconds(1);    // of a server, in each step; asynchronous: for each worker
};

// The error is one sentence: a setting out of range.
MadeJob make_parameter_server(const ParameterServerSettings& settings);

const std::vector<Parameter<ParameterServerSettings>>& parameters_of(const ParameterServerSettings*);
Workload parameter_server_workload();

}  // namespace railyard
