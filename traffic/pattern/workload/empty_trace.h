// SPDX-License-Identifier: BSD-3-Clause
// What the generators share.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "traffic/pattern/trace/rank_builder.h"
#include "traffic/pattern/trace/rank_source.h"
#include "traffic/pattern/trace/trace.pb.h"
#include "traffic/units/quantity.h"

namespace railyard::workload {

// A trace of `ranks` ranks that do nothing yet; what they will send is not NCCL's.
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

// A job whose ranks are written one by one, by a plan that has ranks(), header() and write_rank(rank,
// builder).
template <class Plan>
class PlanSource final : public trace::RankSource {
 public:
  explicit PlanSource(Plan plan) : plan_(std::move(plan)), header_(plan_.header()) {}

  const trace::Header& header() const override { return header_; }
  const trace::Rank& rank(uint32_t rank, trace::Rank& scratch) const override {
    scratch.Clear();
    scratch.set_rank(rank);
    trace::RankBuilder builder(scratch);
    plan_.write_rank(rank, builder);
    return scratch;
  }

 private:
  Plan plan_;
  trace::Header header_;
};

template <class Plan>
std::shared_ptr<const trace::RankSource> source_of(Plan plan) {
  return std::make_shared<PlanSource<Plan>>(std::move(plan));
}

}  // namespace railyard::workload
