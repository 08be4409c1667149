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

// Ranks read what they train on from storage endpoints, batch after batch.
struct DataLoadingSettings {
  uint32_t ranks = 16;
  uint32_t endpoints = 4;
  Bytes batch = {16 << 20};  // of each rank and step
  Bytes block = {1 << 20};
  Bytes request = {256};
  uint32_t prefetch = 2;  // batches of a rank at once
  uint32_t steps = 4;
  SimTime interval = SimTime::milliseconds(100);  // from one batch's use to the next one's
};

// The error is one sentence: a setting out of range.
MadeJob make_data_loading(const DataLoadingSettings& settings);

const std::vector<Parameter<DataLoadingSettings>>& parameters_of(const DataLoadingSettings*);
Workload data_loading_workload();

}  // namespace railyard
