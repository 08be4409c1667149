// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/controller/plan_builder.h"

#include <algorithm>

#include <fmt/format.h>

#include "dpdk-app/controller/planned_fabric.h"
#include "tools/scenario/lab_address.h"
#include "traffic/parameter/parameter.h"
#include "traffic/pattern/trace/trace_file.h"
#include "traffic/protocol/congestion/congestion_settings.h"
#include "traffic/protocol/switching/switch_parameters.h"
#include "traffic/protocol/transport/nic_parameters.h"
#include "traffic/protocol/wire/ethernet.h"
#include "traffic/protocol/wire/packet.h"

namespace railyard::lab {
namespace {

template <class Values>
void say(const std::vector<BoundParameter>& parameters, Values* values) {
  for (const BoundParameter& parameter : parameters) {
    control::Value& value = *values->Add();
    value.set_name(std::string(parameter.name));
    value.set_text(parameter.text());
  }
}

void say_congestion(CongestionSettings settings, control::Plan& plan) {
  for (size_t i = 0; i < congestion_algorithms().size(); ++i) {
    const auto parameters = settings.bind(i);
    if (parameters.empty()) continue;
    control::Algorithm& algorithm = *plan.add_congestion();
    algorithm.set_name(std::string(congestion_algorithms()[i].name));
    say(parameters, algorithm.mutable_values());
  }
}

struct Played {
  const LabAgent* agent;
  const LabPort* port;
};

tl::expected<control::Endpoint, std::string> endpoint_from(const Played& played, uint32_t index,
                                                           const FabricPlan& fabric, BitRate rate,
                                                           const std::vector<Player>& players) {
  const LabPort& port = *played.port;
  const auto interface = parse_ipv4_interface(port.ip);
  const control::PortStatus* status = find_port(players, played.agent->name, port.port);
  if (status == nullptr || !interface)
    return tl::make_unexpected(
        fmt::format("agent '{}' has no port '{}' for {}; start it with this port, or "
                    "correct lab.agents",
                    played.agent->name, port.port, port.nic));
  control::Endpoint endpoint;
  endpoint.set_host(index / fabric.nics_per_host);
  endpoint.set_nic(index % fabric.nics_per_host);
  endpoint.set_player(played.agent->name);
  endpoint.set_port(port.port);
  endpoint.set_ip(interface->address);
  endpoint.set_prefix_length(interface->prefix_length);
  endpoint.set_gateway(port.gateway.empty() ? 0 : parse_ipv4(port.gateway).value_or(0));
  endpoint.set_vlan(port.vlan);
  endpoint.set_rate_bps(rate.bps);
  endpoint.set_mac(status->mac());
  return endpoint;
}

tl::expected<void, std::string> add_endpoints(const Scenario& played, const CompiledRun& run,
                                              const std::vector<Player>& players, control::Plan& plan) {
  const FabricPlan& fabric = *run.fabric;
  std::vector<Played> by_endpoint(fabric.endpoint_count(), Played{nullptr, nullptr});
  for (const LabAgent& agent : played.lab.agents)
    for (const LabPort& port : agent.ports)
      if (const auto index = endpoint_of(port.nic, fabric)) by_endpoint[*index] = {&agent, &port};
  for (uint32_t i = 0; i < by_endpoint.size(); ++i) {
    if (by_endpoint[i].agent == nullptr)
      return tl::make_unexpected(
          fmt::format("{} is played by no agent; give it a port in lab.agents", nic_name(i, fabric)));
    auto endpoint = endpoint_from(by_endpoint[i], i, fabric, run.input.fabric.link_rate, players);
    if (!endpoint) return tl::make_unexpected(endpoint.error());
    *plan.add_endpoints() = *std::move(endpoint);
  }
  return {};
}

tl::expected<void, std::string> add_jobs(const RunInput& input, control::Plan& plan) {
  for (const JobInput& from : input.jobs) {
    control::Job& job = *plan.add_jobs();
    job.set_name(from.name);
    job.set_iterations(from.iterations);
    job.set_background(from.background);
    job.set_start_ps(from.start.ps);
    if (from.dscp) job.set_dscp(*from.dscp);
    if (from.congestion_control)
      job.set_congestion_control(std::string(congestion_algorithms()[*from.congestion_control].name));
    auto trace = trace::encode_trace(*from.source);
    if (!trace) return tl::make_unexpected(fmt::format("job '{}': {}", from.name, trace.error()));
    job.set_trace(*std::move(trace));
    for (const schedule::RankLocation& at : from.placement) {
      control::Location& location = *job.add_placement();
      location.set_host(at.host);
      location.set_gpu(at.gpu);
    }
  }
  return {};
}

void add_fault(const std::string& name, const std::string& path, const std::string& text,
               control::Plan& plan) {
  control::Fault& fault = *plan.add_faults();
  fault.set_switch_name(name);
  fault.set_path(path);
  fault.set_text(text);
}

// The command line's come later, and so override the scenario's.
void add_faults(const LabSettings& lab, const PlanOptions& options, control::Plan& plan) {
  for (const LabSwitch& lab_switch : lab.switches)
    for (const LabFault& fault : lab_switch.faults) add_fault(lab_switch.name, fault.path, fault.text, plan);
  for (const auto& [path, text] : options.faults) add_fault("", path, text, plan);
}

void add_settings(const Scenario& played, const RunInput& input, const PlanOptions& options,
                  control::Plan& plan) {
  plan.set_scenario(input.scenario);
  plan.set_setting(input.setting);
  plan.set_seed(input.seed);
  plan.set_nics_per_host(input.fabric.nics_per_host);
  plan.set_gpus_per_host(input.fabric.gpus_per_host);
  NicSettings nic = input.nic;
  SwitchSettings switches = input.switches;
  CollectiveSettings collectives = input.collectives;
  say(bind(nic), plan.mutable_nic());
  say(bind(collectives), plan.mutable_collectives());
  say_congestion(input.congestion, plan);
  say(bind(switches), plan.mutable_switches());
  say(bind(switches.maps), plan.mutable_switches());
  add_faults(played.lab, options, plan);
  plan.set_scale_up_bps(input.fabric.scale_up_rate.bps);
  plan.set_scale_up_latency_ps(input.fabric.scale_up_latency.ps);
  plan.set_pcie_bps(input.fabric.pcie_rate.bps);
  plan.set_link_delay_ps(input.fabric.link_delay.ps);
  plan.set_sample_interval_ps(input.sample_interval.ps);
  plan.set_sampled_queue_pairs(input.sampled_queue_pairs);
  plan.set_lateness_limit_ps(played.lab.lateness_limit.ps);
  plan.set_maximum_duration_ps(input.maximum_duration.ps);
  plan.set_capture(options.capture);
}

}  // namespace

const control::PortStatus* find_port(const std::vector<Player>& players, const std::string& player,
                                     const std::string& port) {
  for (const Player& candidate : players) {
    if (candidate.place.name != player || candidate.client == nullptr) continue;
    for (const control::PortStatus& status : candidate.client->identity().ports())
      if (status.name() == port) return &status;
  }
  return nullptr;
}

tl::expected<control::Plan, std::string> build_plan(const Scenario& played, const CompiledRun& run,
                                                    const std::vector<Player>& players,
                                                    const PlanOptions& options) {
  if (run.input.fabric.in_network_reduction != InNetworkReduction::None)
    return tl::make_unexpected(
        "fabric.in_network_reduction: agents and the soft switch cannot reduce in the network, which only "
        "the "
        "simulator does; set it to none");
  control::Plan plan;
  add_settings(played, run.input, options, plan);
  if (auto done = add_endpoints(played, run, players, plan); !done) return tl::make_unexpected(done.error());
  if (auto done = add_jobs(run.input, plan); !done) return tl::make_unexpected(done.error());
  add_fabric(played.lab, *run.fabric, plan);
  return plan;
}

}  // namespace railyard::lab
