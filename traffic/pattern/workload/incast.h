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

// Many to one: ranks 1 to `senders` send to rank 0 at the same time.
struct IncastSettings {
  uint32_t senders = 16;
  Bytes bytes = {1'048'576};              // each message
  uint32_t repeat = 1;                    // messages of each sender, one after another
  SimTime gap = SimTime::nanoseconds(0);  // between a message's end and the next one's start
};

// The error is one sentence: a setting out of range.
tl::expected<trace::Trace, std::string> make_incast(const IncastSettings& settings);

const std::vector<Parameter<IncastSettings>>& parameters_of(const IncastSettings*);
Workload incast_workload();

}  // namespace railyard
