// SPDX-License-Identifier: BSD-3-Clause
#include "tools/scenario/scenario_check.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "tools/scenario/buffer_check.h"
#include "tools/scenario/cluster.h"
#include "tools/scenario/job_builder.h"
#include "tools/scenario/lab_check.h"
#include "tools/scenario/time_scale.h"

namespace railyard {
namespace {

// The same mistake in the scenario's own values would be found once for each setting.
class OnceReporter {
 public:
  explicit OnceReporter(YamlReader& reader) : reader_(reader) {}
  void error(Place place, const std::string& message) {
    if (seen_.insert({{place.line, place.column}, message}).second) reader_.error(place, message);
  }

 private:
  YamlReader& reader_;
  std::set<std::pair<std::pair<int, int>, std::string>> seen_;
};

// The WRED thresholds of one profile. [SONiC YANG model: max >= min]
std::string threshold_mistake(const SwitchSettings& switches) {
  if (!(switches.green_max_threshold < switches.green_min_threshold)) return "";
  return fmt::format("switch: green_min_threshold ({}) is above green_max_threshold ({})",
                     format(switches.green_min_threshold), format(switches.green_max_threshold));
}

// Two priority groups under one PFC priority would resume each other's senders. Only those that packets use
// count: the others never pause.
std::string pause_mistake(const SwitchSettings& switches, const NicSettings& nics,
                          const std::vector<Job>& jobs) {
  const QosMaps& maps = switches.maps;
  std::array<std::optional<uint32_t>, kPriorities> group_of;  // by PFC priority
  std::vector<uint32_t> dscps = {nics.dscp, nics.ack_dscp, nics.cnp_dscp};
  for (const Job& job : jobs)
    if (job.dscp != kOfTheNic) dscps.push_back(static_cast<uint32_t>(job.dscp));
  for (const uint32_t dscp : dscps) {
    const uint32_t group = maps.group_of_dscp(dscp);
    const uint32_t priority = maps.pg_to_pfc[group];
    if (!switches.pfc_enable.has(priority)) continue;
    if (group_of[priority].value_or(group) != group)
      return fmt::format(
          "switch: pg_to_pfc_map: priority groups {} and {} both pause priority {}, so that one would resume "
          "what the other has paused; give each a priority of its own",
          *group_of[priority], group, priority);
    group_of[priority] = group;
  }
  return "";
}

// The window engine needs a link's latency to run ahead; every link has a switch at one end at least.
std::string latency_mistake(const NetworkSettings& network) {
  const bool switches = network.switches.pipeline_latency.ps == 0, nics = network.nic.nic_latency.ps == 0;
  if (!switches && !nics) return "";
  const std::string_view other = switches ? "switch.pipeline_latency" : "nic.nic_latency";
  constexpr int64_t kThereAndBack = 2;
  if (network.fabric.switches_reduce() && network.fabric.reduction_latency.ps < kThereAndBack)
    return fmt::format(
        "fabric: reduction_latency: it is 0, and so is {}: sums would leave as data come; set one above 0",
        other);
  if (network.fabric.link_delay.ps != 0) return "";
  return fmt::format(
      "fabric: link_delay: it is 0, and so is {}: a frame would arrive as it leaves; set one above 0", other);
}

std::string uplink_mistake(const NetworkSettings& network) {
  if (network.fabric.uplink_rate.bps != 0) return "";
  return "fabric: uplink_rate: a link between switches needs a rate; leave it out to have link_rate's";
}

}  // namespace

void check_scenario(const Scenario& scenario, YamlReader& reader) {
  OnceReporter report(reader);
  const auto played = scaled(scenario);
  if (!played) return report.error(scenario.lab.place, fmt::format("lab: {}", played.error()));
  if (!scenario.jobs.empty() &&
      std::all_of(scenario.jobs.begin(), scenario.jobs.end(), [](const Job& job) { return job.background; }))
    report.error(
        scenario.jobs.front().place,
        "jobs: all of them are background, so that there is nothing to wait for; set background: false "
        "for one");
  for (const Setting& setting : played->settings) {
    const NetworkSettings& network = setting.network;
    for (const std::string& mistake : {latency_mistake(network), uplink_mistake(network)})
      if (!mistake.empty()) report.error(network.fabric_place, mistake);
    for (const std::string& mistake :
         {threshold_mistake(network.switches), pause_mistake(network.switches, network.nic, scenario.jobs)})
      if (!mistake.empty()) report.error(network.switch_place, mistake);
    const auto built = scenario.fabrics->of(setting.network.fabric);
    if (!built) {
      report.error(setting.network.fabric_place, fmt::format("fabric: {}", built.error()));
      continue;
    }
    const FabricPlan& plan = **built;
    if (const auto found = check_buffers(network, plan); !found.mistake.empty())
      report.error(network.switch_place, found.mistake);
    check_lab(scenario.lab, plan, [&](Place place, const std::string& message) {
      report.error(place, fmt::format("lab: {}", message));
    });
    const schedule::Cluster cluster = cluster_of(plan, setting.network.fabric);
    for (const Job& job : scenario.jobs) {
      const uint32_t ranks = generated_ranks(job).value_or(1);
      const auto placed = place_job(job, scenario.file.parent_path(), cluster, ranks, scenario.seeds.front());
      if (!placed)
        report.error(job.place,
                     fmt::format("job '{}' in setting '{}': {}", job.name, setting.name, placed.error()));
    }
  }
}

}  // namespace railyard
