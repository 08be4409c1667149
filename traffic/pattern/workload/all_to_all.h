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

// Every rank sends to every other at the same time, each pair over a queue pair of its own: what a fabric
// carries at most. The collective of that name (section `collective`) keeps to NCCL's few rounds at once.
struct AllToAllSettings {
  uint32_t ranks = 16;
  Bytes bytes = {65'536};  // each message
  uint32_t repeat = 1;     // messages of each pair, one after another
};

// The error is one sentence: a setting out of range.
tl::expected<trace::Trace, std::string> make_all_to_all(const AllToAllSettings& settings);

const std::vector<Parameter<AllToAllSettings>>& parameters_of(const AllToAllSettings*);
Workload all_to_all_workload();

}  // namespace railyard
