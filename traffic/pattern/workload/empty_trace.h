// SPDX-License-Identifier: BSD-3-Clause
// What the generators share.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "traffic/pattern/trace/rank_builder.h"
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

uint32_t named_send(trace::RankBuilder& to, std::string_view name, uint32_t peer, uint64_t bytes,
                    const trace::RankBuilder::Indices& after, uint32_t tag = 0);

// Every rank of a plan that has ranks(), header() and write_rank(rank, builder).
template <class Plan>
trace::Trace whole_trace(const Plan& plan) {
  trace::Trace trace;
  *trace.mutable_header() = plan.header();
  for (uint32_t r = 0; r < plan.ranks(); ++r) {
    trace::Rank& rank = *trace.add_ranks();
    rank.set_rank(r);
    trace::RankBuilder builder(rank);
    plan.write_rank(r, builder);
  }
  return trace;
}

}  // namespace railyard::workload
