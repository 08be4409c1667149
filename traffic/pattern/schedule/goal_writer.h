// SPDX-License-Identifier: BSD-3-Clause
// A trace as a GOAL schedule, which LogGOPSim, ATLAHS and htsim play: its collectives as the messages that
// Railyard's own algorithms send.
#pragma once

#include <cstdint>
#include <string>

#include <tl/expected.hpp>

#include "traffic/pattern/schedule/compiler.h"
#include "traffic/pattern/trace/trace.pb.h"

namespace railyard::schedule {

constexpr uint64_t kMaxGoalMessages = uint64_t{1} << 26;  // some gigabytes of text

// Each collective has a tag of its own, above those of the trace. How many messages a member may have under
// way is not said in GOAL. The error names what does not compile, or how many messages there would be.
tl::expected<std::string, std::string> write_goal(const trace::Trace& trace,
                                                  const CompileOptions& options = {});

}  // namespace railyard::schedule
