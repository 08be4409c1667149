// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "traffic/parameter/parameter.h"
#include "traffic/pattern/trace/trace.pb.h"
#include "traffic/pattern/workload/workload.h"
#include "traffic/units/quantity.h"

namespace railyard {

// Data-parallel training as PyTorch's DistributedDataParallel runs it (Li et al., VLDB 2020, section 4):
// gradients are reduced in buckets while the backward pass computes the next ones, and the optimizer waits
// for the last bucket. An all-to-all in the middle of the forward pass stands for an exchange of embeddings
// or of tokens between experts; the forward pass waits for it.
struct TrainingStepSettings {
  uint32_t ranks = 16;
  uint32_t steps = 1;
  SimTime forward = SimTime::milliseconds(2);   // compute of one step
  SimTime backward = SimTime::milliseconds(4);  // compute, in as many equal parts as there are buckets
  SimTime optimizer = SimTime::microseconds(500);
  uint32_t buckets = 4;
  Bytes bucket_bytes = {26'214'400};        // bucket_cap_mb = 25, PyTorch's default
  Bytes all_to_all_bytes = {1'048'576};     // each rank's send buffer; 0: none
  SimTime skew = SimTime::microseconds(0);  // ranks start each step up to this late
  uint64_t seed = 1;                        // of the skew; a run mixes its own into it
};

// The error is one sentence: a setting out of range.
tl::expected<trace::Trace, std::string> make_training_step(const TrainingStepSettings& settings);

const std::vector<Parameter<TrainingStepSettings>>& parameters_of(const TrainingStepSettings*);
Workload training_step_workload();

}  // namespace railyard
