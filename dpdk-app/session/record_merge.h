// SPDX-License-Identifier: BSD-3-Clause
// What the players measured, each its part, as one record in the simulator's schema.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "dpdk-app/control/control.pb.h"
#include "traffic/record/record.h"
#include "traffic/run/compiled_run.h"

namespace railyard::lab {

struct MeasuredPart {
  std::string player;
  const control::Measurements* measurements = nullptr;
  double drift_ppm = 0;  // of its clock, taken out of its times
};

// What of the parts does not make a whole. Nothing is made up for it.
struct MergeGaps {
  uint64_t not_received = 0;   // sent, and no receiver reports them
  uint64_t never_sent = 0;     // received, and no sender reports them: they are in no table
  uint64_t twice = 0;          // halves that two players report; the first counts
  uint64_t before_posted = 0;  // received before they were posted, by clocks that differ: taken as at once
  SimTime most_before_posted;
};

struct MergedRecord {
  record::Record record;
  MergeGaps gaps;
};

// `switch_ports` are of switches that are no players. The error names a player whose part contradicts the
// plan: of another version, or damaged.
tl::expected<MergedRecord, std::string> merge(const CompiledRun& run, const std::vector<MeasuredPart>& parts,
                                              const std::vector<record::Port>& switch_ports = {});

}  // namespace railyard::lab
