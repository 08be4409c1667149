// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/run/compiled_run.h"

#include <algorithm>
#include <utility>

#include "traffic/fabric/fabric_adjacency.h"
#include "traffic/fabric/fabric_builder.h"
#include "traffic/fabric/reducers.h"

namespace railyard {
namespace {

schedule::ReducingSwitches reducing_switches_of(const FabricPlan& plan) {
  schedule::ReducingSwitches switches;
  const FabricAdjacency adjacency(plan);
  const uint32_t end = plan.first_reducer();
  switches.first_endpoint.assign(plan.reducer_endpoints.begin(), plan.reducer_endpoints.end() - 1);
  switches.neighbours.resize(end - plan.host_count);
  switches.of_endpoint.resize(size_t{plan.host_count} * plan.nics_per_host);
  for (uint32_t at = plan.host_count; at < end; ++at) {
    auto& neighbours = switches.neighbours[at - plan.host_count];
    for (uint32_t port = 0; port < adjacency.port_count(at); ++port) {
      if (adjacency.link_of({at, port}) == FabricAdjacency::kNoLink) continue;
      const FabricPort peer = adjacency.peer_of({at, port});
      const uint32_t nic = port / kPortsOfReducerNic;
      if (peer.node < plan.host_count)
        switches.of_endpoint[plan.endpoint_of(peer)] = {at - plan.host_count, nic};
      else if (plan.is_switch(peer.node) &&
               std::none_of(neighbours.begin(), neighbours.end(),
                            [&](const auto& way) { return way.to == peer.node - plan.host_count; }))
        neighbours.push_back({peer.node - plan.host_count, nic});
    }
  }
  return switches;
}

}  // namespace

schedule::HostShape host_shape_of(const FabricPlan& plan, const FabricSettings& fabric) {
  schedule::HostShape hosts{plan.host_count,      plan.nics_per_host,        fabric.gpus_per_host,
                            fabric.scale_up_rate, fabric.scale_up_latency,   fabric.pcie_rate,
                            fabric.link_rate,     fabric.scale_up_reduces(), nullptr};
  if (plan.reducer_count() > 0)
    hosts.reducing_switches = std::make_shared<const schedule::ReducingSwitches>(reducing_switches_of(plan));
  return hosts;
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
