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

// Every rank sends messages to others, one after another, and a share of them goes to few: parameter servers,
// storage, popular experts.
struct HotspotSettings {
  uint32_t ranks = 16;
  Bytes bytes = {1'048'576};  // each message
  uint32_t messages = 16;     // of each rank
  uint32_t hot_ranks = 1;     // the first ones
  double hot_share = 0.5;     // of the messages; the others go to anybody
};

// The destinations are drawn from the context's seed. The error is one sentence: a setting out of range.
tl::expected<trace::Trace, std::string> make_hotspot(const HotspotSettings& settings,
                                                     const WorkloadContext& context);

const std::vector<Parameter<HotspotSettings>>& parameters_of(const HotspotSettings*);
Workload hotspot_workload();

}  // namespace railyard
