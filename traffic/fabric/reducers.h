// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string>

#include <tl/expected.hpp>

#include "traffic/fabric/fabric_plan.h"
#include "traffic/fabric/fabric_settings.h"

namespace railyard {

// A reducer's NICs have the fastest rate that a link can have, a byte in a picosecond, and each serves so
// many of its switch's ports: four at 1.6 Tb/s, the fastest there are, are still slower than it.
constexpr uint32_t kPortsOfReducerNic = 4;

// Gives every switch of a plan that is not routed yet a reducer: what a switch that reduces has within, as a
// node of its own [the aggregation nodes of Graham et al., "Scalable Hierarchical Aggregation Protocol
// (SHArP)", COMHPC 2016]. Its links stand for wires within the switch, so that they are never what limits.
// They come after all others: hosts, switches and their ports keep their numbers. An error where the
// endpoints become too many.
tl::expected<void, std::string> add_reducers(FabricPlan& plan, const FabricSettings& settings);

}  // namespace railyard
