// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/run/compiled_run.h"

#include <algorithm>
#include <utility>

#include "traffic/fabric/fabric_builder.h"

namespace railyard {

schedule::HostShape host_shape_of(const FabricPlan& plan, const FabricSettings& fabric) {
  return {plan.host_count,         plan.nics_per_host, fabric.gpus_per_host, fabric.scale_up_rate,
          fabric.scale_up_latency, fabric.pcie_rate,   fabric.link_rate};
}

tl::expected<CompiledRun, std::string> compile_run(RunInput input, const CompiledRun* before) {
  CompiledRun run;
  run.fabric = input.plan;
  if (run.fabric == nullptr) {
    auto built = build_fabric(input.fabric);
    if (!built) return tl::make_unexpected(built.error());
    run.fabric = std::make_shared<const FabricPlan>(*std::move(built));
  }
  const schedule::HostShape hosts = host_shape_of(*run.fabric, input.fabric);
  if (before != nullptr && schedule::same_jobs(*before->jobs, input.jobs, hosts, input.collectives)) {
    run.jobs = before->jobs;
  } else {
    schedule::CompileOptions options;
    options.collectives = input.collectives;
    auto played = schedule::compile_jobs(input.jobs, hosts, options);
    if (!played) return tl::make_unexpected(played.error());
    run.jobs = std::make_shared<const schedule::PlayedJobs>(*std::move(played));
  }
  if (std::all_of(input.jobs.begin(), input.jobs.end(), [](const JobInput& job) { return job.background; }))
    return tl::make_unexpected("nothing to wait for: at least one job must not be background");
  run.input = std::move(input);
  return run;
}

}  // namespace railyard
