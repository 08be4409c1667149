// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "traffic/fabric/path.h"
#include "traffic/run/compiled_run.h"
#include "traffic/units/quantity.h"

namespace railyard {

// How long a run's messages take alone: what a record holds beside the time they took.
class IdealTimes {
 public:
  // Keeps a reference to `run`.
  explicit IdealTimes(const CompiledRun& run)
      : run_(run), paths_(*run.fabric, run.input.nic, run.input.switches) {}

  // 0 on a channel that stays within a host.
  SimTime of(uint32_t job, uint32_t channel, Bytes message) const {
    const uint32_t flow = run_.jobs->flow_of(job, channel);
    if (flow == schedule::kNone) return {};
    const schedule::Flow ends = run_.jobs->flow(flow);
    return paths_.completion_time(ends.source, ends.destination, message);
  }

 private:
  const CompiledRun& run_;
  const FabricPaths paths_;
};

}  // namespace railyard
