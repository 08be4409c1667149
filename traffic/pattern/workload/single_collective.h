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

// One collective over all ranks, again and again, as nccl-tests measures it.
struct SingleCollectiveSettings {
  uint32_t kind = 0;  // as trace::CollectiveKind, less 1
  uint32_t ranks = 16;
  Bytes bytes = {67'108'864};  // nccl-tests' size: see trace::Collective.bytes
  uint32_t iterations = 1;     // one after another
};

// The error is one sentence: a setting out of range.
tl::expected<trace::Trace, std::string> make_single_collective(const SingleCollectiveSettings& settings);

const std::vector<Parameter<SingleCollectiveSettings>>& parameters_of(const SingleCollectiveSettings*);
Workload single_collective_workload();

}  // namespace railyard
