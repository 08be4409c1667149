// SPDX-License-Identifier: BSD-3-Clause
// What the generators share.
#pragma once

#include <cstdint>
#include <string>

#include "traffic/pattern/trace/trace.pb.h"
#include "traffic/units/quantity.h"

namespace railyard::workload {

// A trace of `ranks` ranks that do nothing yet.
trace::Trace empty_trace(std::string name, std::string source, uint32_t ranks);

// Adds a group of all ranks and returns its index.
uint32_t add_world_group(trace::Trace& trace, std::string name);

// Traces count whole nanoseconds: rounds to the nearest; negative times are 0.
uint64_t to_ns(SimTime time);

// The job's own seed chooses among streams of draws, of which each run has its own. SplitMix64's finaliser
// [Steele, Lea, Flood, OOPSLA 2014]: neighbouring seeds give unrelated ones.
uint64_t seed_of(uint64_t job_seed, uint64_t run_seed);

}  // namespace railyard::workload
