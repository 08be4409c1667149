// SPDX-License-Identifier: BSD-3-Clause
// What is to be played, compiled once: whoever plays it, and whoever puts together what was measured, reads
// it.
#pragma once

#include <memory>
#include <string>

#include <tl/expected.hpp>

#include "traffic/fabric/fabric_plan.h"
#include "traffic/pattern/schedule/played_jobs.h"
#include "traffic/run/run_input.h"

namespace railyard {

// Never changed after it is made. Runs that differ in seed or settings share what these do not touch.
struct CompiledRun {
  RunInput input;
  std::shared_ptr<const FabricPlan> fabric;
  std::shared_ptr<const schedule::PlayedJobs> jobs;
};

schedule::HostShape host_shape_of(const FabricPlan& plan, const FabricSettings& fabric);

// Shares the jobs of `before` (null: none) where `input` has the same ones on the same hosts. Errors: a
// fabric that cannot be built, what compile_jobs() refuses, jobs that are all background.
tl::expected<CompiledRun, std::string> compile_run(RunInput input, const CompiledRun* before = nullptr);

}  // namespace railyard
