// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/session/lab_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "dpdk-app/control/control.pb.h"
#include "traffic/parameter/file_name.h"
#include "traffic/parameter/parameter.h"
#include "traffic/pattern/trace/trace_file.h"
#include "traffic/protocol/switching/switch_parameters.h"
#include "traffic/protocol/transport/nic_parameters.h"
#include "traffic/units/error.h"

namespace railyard::lab {
namespace {

using Step = tl::expected<void, std::string>;

template <class Values>
Step apply(const Values& values, std::string_view section, const std::vector<BoundParameter>& rows) {
  for (const auto& value : values) {
    const auto row =
        std::find_if(rows.begin(), rows.end(), [&](const auto& r) { return r.name == value.name(); });
    if (row == rows.end())
      return error("the plan's {} names '{}', which this version does not know; use one version everywhere",
                   section, value.name());
    if (auto set = row->set(value.text()); !set)
      return error("the plan's {}.{}: {}", section, value.name(), set.error());
  }
  return {};
}

Step take_congestion(const control::Plan& from, CongestionSettings& settings) {
  for (const control::Algorithm& algorithm : from.congestion()) {
    if (find_congestion_algorithm(algorithm.name()) == nullptr)
      return error(
          "the plan has settings of '{}', an algorithm that this version does not know; use one "
          "version everywhere",
          algorithm.name());
    const auto rows = settings.bind(index_of_congestion_algorithm(algorithm.name()));
    if (auto applied = apply(algorithm.values(), algorithm.name(), rows); !applied) return applied;
  }
  return {};
}

Step take_endpoint(const control::Endpoint& from, uint32_t index, LabPlan& plan) {
  LabEndpoint e;
  e.host = from.host();
  e.nic = from.nic();
  e.player = from.player();
  e.port = from.port();
  e.ip = from.ip();
  e.prefix_length = from.prefix_length();
  e.gateway = from.gateway();
  e.vlan = from.vlan();
  e.rate = BitRate{from.rate_bps()};
  const uint32_t nics = plan.played.hosts.nics_per_host;
  if (e.nic >= nics || uint64_t{e.host} * nics + e.nic != index)
    return error("endpoint {} of the plan is {}; they must come in order, {} to a host", index, e.name(),
                 nics);
  constexpr uint32_t kLargestVlan = 4094;  // [IEEE 802.1Q table 9-2]
  if (e.ip == 0 || e.prefix_length > 32 || e.vlan > kLargestVlan)
    return error("{} needs an IP address with a prefix of at most 32 bits and a VLAN of at most {}", e.name(),
                 kLargestVlan);
  if (!e.rate.is_whole_ps_per_byte())
    return error("{} cannot send at {}: a byte must last a whole number of picoseconds", e.name(),
                 format(e.rate));
  if (from.mac().size() != e.mac.size())
    return error("the plan has no MAC address for {}; the controller asks its player for it", e.name());
  std::copy(from.mac().begin(), from.mac().end(), e.mac.begin());
  plan.endpoints.push_back(std::move(e));
  return {};
}

Step take_class(const control::Job& from, schedule::JobInput& job) {
  constexpr uint32_t kLargestDscp = 63;
  if (from.has_dscp()) job.dscp = from.dscp();
  if (job.dscp.value_or(0) > kLargestDscp)
    return error("job '{}': there is no DSCP {}; the largest is {}", from.name(), *job.dscp, kLargestDscp);
  if (from.congestion_control().empty()) return {};
  if (find_congestion_algorithm(from.congestion_control()) == nullptr)
    return error(
        "job '{}' wants '{}', an algorithm that this version does not know; use one version everywhere",
        from.name(), from.congestion_control());
  job.congestion_control = index_of_congestion_algorithm(from.congestion_control());
  return {};
}

Step take_jobs(const control::Plan& from, const std::atomic<bool>* cancelled, LabPlan& plan) {
  std::vector<schedule::JobInput> jobs;
  for (const control::Job& job : from.jobs()) {
    if (cancelled != nullptr && *cancelled) return error("job '{}' was not read: cancelled", job.name());
    auto trace = trace::decode_trace(job.trace(), "of job " + job.name());
    if (!trace) return error("job '{}': {}", job.name(), trace.error());
    schedule::JobInput& input = jobs.emplace_back();
    input.name = job.name();
    if (auto taken = take_class(job, input); !taken) return taken;
    auto held = trace::HeldTrace::of(*std::move(trace));
    if (!held) return error("job '{}': {}", job.name(), held.error());
    input.source = *std::move(held);
    for (const control::Location& at : job.placement()) input.placement.push_back({at.host(), at.gpu()});
    input.iterations = job.iterations();
    input.background = job.background();
    input.start = SimTime{job.start_ps()};
  }
  schedule::CompileOptions options;
  options.largest_message = kLargestMessage;
  options.most_pairs = kMostPairs;
  options.cancelled = cancelled;
  if (auto taken = apply(from.collectives(), "collectives", bind(options.collectives)); !taken) return taken;
  auto played = schedule::compile_jobs(jobs, plan.played.hosts, options);
  if (!played) return tl::unexpected(played.error());
  plan.played = std::move(*played);
  return {};
}

// What is within a host does not go over the wire, so one player must have all of it.
Step check_hosts(const LabPlan& plan) {
  for (const LabEndpoint& e : plan.endpoints) {
    const LabEndpoint& first = plan.endpoints[size_t{e.host} * plan.played.hosts.nics_per_host];
    if (e.player != first.player)
      return error("{} is played by '{}' and {} by '{}'; give all NICs of a host to one agent", first.name(),
                   first.player, e.name(), e.player);
  }
  return {};
}

Step fill(const control::Plan& from, const std::atomic<bool>* cancelled, LabPlan& plan) {
  if (auto within = check_limits(from); !within) return within;
  plan.scenario = from.scenario();
  plan.setting = from.setting();
  plan.seed = from.seed();
  schedule::HostShape& hosts = plan.played.hosts;
  hosts.nics_per_host = from.nics_per_host();
  hosts.gpus_per_host = from.gpus_per_host();
  hosts.scale_up_rate = BitRate{from.scale_up_bps()};
  hosts.scale_up_latency = SimTime{from.scale_up_latency_ps()};
  hosts.pcie_rate = BitRate{from.pcie_bps()};
  plan.sample_interval = SimTime{from.sample_interval_ps()};
  plan.sampled_queue_pairs = from.sampled_queue_pairs();
  plan.lateness_limit = SimTime{from.lateness_limit_ps()};
  plan.maximum_duration = SimTime{from.maximum_duration_ps()};
  plan.capture = from.capture();
  constexpr uint32_t kMostInAHost = 1'024;
  for (const uint32_t count : {hosts.nics_per_host, hosts.gpus_per_host})
    if (count == 0 || count > kMostInAHost)
      return error("the plan has hosts of {} NICs and {} GPUs; both must be 1 to {}", hosts.nics_per_host,
                   hosts.gpus_per_host, kMostInAHost);
  if (auto nic = take_nics(from, plan.nic); !nic) return nic;
  if (auto congestion = take_congestion(from, plan.congestion); !congestion) return congestion;
  if (auto switches = take_switches(from, plan.switches); !switches) return switches;
  for (const control::Endpoint& e : from.endpoints())
    if (auto taken = take_endpoint(e, static_cast<uint32_t>(plan.endpoints.size()), plan); !taken)
      return taken;
  if (plan.endpoints.size() % hosts.nics_per_host != 0)
    return error("the plan has {} endpoints; hosts of {} NICs need a multiple of that", plan.endpoints.size(),
                 hosts.nics_per_host);
  hosts.host_count = static_cast<uint32_t>(plan.endpoints.size()) / hosts.nics_per_host;
  if (!plan.endpoints.empty()) hosts.nic_rate = plan.endpoints.front().rate;
  if (auto checked = check_hosts(plan); !checked) return checked;
  return take_jobs(from, cancelled, plan);
}

Step check_names(const control::Plan& plan) {
  const auto check = [](std::string_view field, const std::string& name) -> Step {
    if (const std::string mistake = name_mistake(name); !mistake.empty())
      return error("the plan's {}: {}", field, mistake);
    return {};
  };
  if (auto good = check("scenario", plan.scenario()); !good) return good;
  if (auto good = check("setting", plan.setting()); !good) return good;
  if (!plan.switch_name().empty())
    if (auto good = check("switch_name", plan.switch_name()); !good) return good;
  for (const control::Endpoint& e : plan.endpoints()) {
    if (!e.player().empty())
      if (auto good = check("endpoints.player", e.player()); !good) return good;
    if (const std::string mistake = port_mistake(e.port()); !mistake.empty())
      return error("the plan's endpoints.port: {}", mistake);
  }
  return {};
}

}  // namespace

std::string LabEndpoint::name() const {
  return fmt::format("host{}:nic{}", host, nic);
}

bool LabEndpoint::on_link(uint32_t other_ip) const {
  const uint32_t mask = prefix_length == 0 ? 0 : ~uint32_t{0} << (32 - prefix_length);
  return gateway == 0 || (ip & mask) == (other_ip & mask);
}

tl::expected<void, std::string> check_limits(const control::Plan& plan) {
  if (auto named = check_names(plan); !named) return named;
  constexpr SimTime kLongestDelay = SimTime::seconds(10);
  constexpr SimTime kLatestStart = SimTime::seconds(int64_t{30} * 86'400);
  constexpr SimTime kShortestSample = SimTime::microseconds(1);
  constexpr uint32_t kMostSampledQueuePairs = 1'024;
  // Slower, and the longest pause or the largest message would outlast SimTime.
  constexpr BitRate kSlowestPort{1'000}, kSlowestScaleUp = BitRate::megabits(1);
  for (const auto& [name, ps] :
       {std::pair{"link_delay", plan.link_delay_ps()}, {"scale_up_latency", plan.scale_up_latency_ps()}})
    if (ps < 0 || ps > kLongestDelay.ps)
      return error("the plan's {} of {} ps is not within 0 and {}", name, ps, format(kLongestDelay));
  if (plan.sample_interval_ps() != 0 &&
      (plan.sample_interval_ps() < kShortestSample.ps || plan.sample_interval_ps() > kLatestStart.ps))
    return error("the plan's sample_interval of {} ps is neither 0 nor {} to {}", plan.sample_interval_ps(),
                 format(kShortestSample), format(kLatestStart));
  if (plan.sampled_queue_pairs() > kMostSampledQueuePairs)
    return error("the plan's sampled_queue_pairs of {} are more than {}", plan.sampled_queue_pairs(),
                 kMostSampledQueuePairs);
  if (plan.maximum_duration_ps() < 0 || plan.lateness_limit_ps() < 0)
    return error("the plan's limits, a duration of {} ps and a lateness of {} ps, must not be negative",
                 plan.maximum_duration_ps(), plan.lateness_limit_ps());
  for (const auto& [name, bps] :
       {std::pair{"scale_up_rate", plan.scale_up_bps()}, {"pcie_rate", plan.pcie_bps()}})
    if (bps != 0 && bps < kSlowestScaleUp.bps)
      return error("the plan's {} of {} bps is neither 0 nor at least {}", name, bps,
                   format(kSlowestScaleUp));
  for (const control::Endpoint& e : plan.endpoints())
    if (e.rate_bps() < kSlowestPort.bps)
      return error("host{}:nic{} cannot send at {} bps: the slowest is {}", e.host(), e.nic(), e.rate_bps(),
                   format(kSlowestPort));
  uint64_t traces = 0;
  for (const control::Job& job : plan.jobs()) traces += job.trace().size();
  if (traces > kLargestTraces)
    return error("the plan's traces have {}, and a player takes {}; replay fewer steps of them",
                 format(Bytes{traces}), format(Bytes{kLargestTraces}));
  for (const control::Job& job : plan.jobs())
    if (job.start_ps() < 0 || job.start_ps() > kLatestStart.ps)
      return error("job '{}': a start at {} ps is not within 0 and {}", job.name(), job.start_ps(),
                   format(kLatestStart));
  return {};
}

tl::expected<LabPlan, std::string> compile_plan(const control::Plan& from,
                                                const std::atomic<bool>* cancelled) {
  LabPlan plan;
  if (auto filled = fill(from, cancelled, plan); !filled) return tl::unexpected(filled.error());
  return plan;
}

tl::expected<void, std::string> take_switches(const control::Plan& plan, SwitchSettings& settings) {
  std::vector<BoundParameter> rows = bind(settings);
  for (const BoundParameter& row : bind(settings.maps)) rows.push_back(row);
  return apply(plan.switches(), "switch", rows);
}

tl::expected<void, std::string> take_nics(const control::Plan& plan, NicSettings& settings) {
  return apply(plan.nic(), "nic", bind(settings));
}

tl::expected<uint32_t, std::string> longest_frame_of(const control::Plan& plan) {
  NicSettings nic;
  if (auto taken = take_nics(plan, nic); !taken) return tl::unexpected(taken.error());
  const auto& all = plan.endpoints();
  const bool tagged = std::any_of(all.begin(), all.end(), [](const auto& e) { return e.vlan() != 0; });
  return longest_frame_bytes(nic.mtu, tagged);
}

}  // namespace railyard::lab
