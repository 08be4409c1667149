// SPDX-License-Identifier: BSD-3-Clause
#include "tools/scenario/sections.h"

#include <fmt/format.h>

#include "traffic/fabric/fabric_parameters.h"
#include "traffic/protocol/switching/switch_parameters.h"
#include "traffic/protocol/transport/nic_parameters.h"

namespace railyard {

constexpr std::string_view kOurs = "Railyard's default";
constexpr double kHour = 3600e12;  // in picoseconds
constexpr double kDscps = 63;

// "nic", then every algorithm's name.
std::vector<std::string_view> algorithms_of_a_job() {
  std::vector<std::string_view> names = congestion_algorithm_names();
  names.insert(names.begin(), "nic");
  return names;
}

const std::vector<Parameter<TraceSource>>& parameters_of(const TraceSource*) {
  static const std::vector<Parameter<TraceSource>> rows = {
      {"path", &TraceSource::path, 0, 0,
       "Capture to replay: a .rytrace file, or a file or folder of a capture, from the scenario file's "
       "folder",
       kOurs},
      {"format", &TraceSource::format, 0, 0, "Capture format; auto recognises it by its content", kOurs},
      {"fill_missing_ranks", &TraceSource::fill_missing_ranks, 0, 1,
       "Give ranks that were not captured the operations of the captured ones", kOurs},
      {"world", &TraceSource::world, 0, 1 << 20, "Number of ranks; 0 means as many as the capture says",
       kOurs},
      {"replicate", &TraceSource::replicate, 1, 1 << 16,
       "Copies of the captured job, each on ranks of its own", kOurs},
      {"steps", &TraceSource::steps, 0, 0,
       "Steps to replay of a capture that marks them: 12-14 (ProfilerStep), an annotation's name, or "
       "NAME#0-2 of its "
       "occurrences; empty means all",
       kOurs},
  };
  return rows;
}

const std::vector<Parameter<PlacementSettings>>& parameters_of(const PlacementSettings*) {
  using S = PlacementSettings;
  static const std::vector<Parameter<S>> rows = {
      {"strategy",
       &S::strategy,
       "linear fills a host's GPUs before the next host's, strided puts one rank on each host in turn. The "
       "others leave out GPUs of jobs before: random draws from the run's seed, packed is as linear, spread "
       "takes a host of each leaf in turn, rail-aligned the GPUs beside all first NICs before those beside "
       "the second, topology-aware as few leaves as can be",
       kOurs,
       {"linear", "strided", "random", "packed", "spread", "rail-aligned", "topology-aware"}},
      {"hosts", &S::hosts, 0, 0,
       "Hosts to use, in this order, such as 0-7,12; with topology by name, such as node[0-7]; or all",
       kOurs},
      {"gpus", &S::gpus, 0, 64, "GPUs to use on each host, from the first; 0 means all", kOurs},
      {"locations", &S::locations, 0, 0,
       "Host and GPU of each rank one by one, in place of all the above: 3:0, 3:2, 4:0-7; or none", kOurs},
      {"topology", &S::topology, 0, 0,
       "Names of the hosts by leaf switch: Slurm's topology.conf, or kubectl get nodes -o json with "
       "Topograph's labels; its nth switch with nodes is the fabric's nth leaf",
       "Slurm, topology.conf(5); NVIDIA Topograph, node labels"},
      {"share", &S::share, 0, 1, "Allow other jobs on the same GPUs, which is refused otherwise", kOurs},
  };
  return rows;
}

const std::vector<Parameter<OutputSettings>>& parameters_of(const OutputSettings*) {
  using S = OutputSettings;
  static const std::vector<Parameter<S>> rows = {
      {"sample_interval", &S::sample_interval, 1e3, kHour,
       "Time between two samples of the queue depths and of the queue pairs' rates", kOurs},
      {"busiest_ports", &S::busiest_ports, 0, 1024,
       "Switch ports whose queue depths are kept, the deepest; the report draws up to 12", kOurs},
      {"queue_pairs", &S::queue_pairs, 0, 1024,
       "Queue pairs whose allowed rate and window are kept, at most, spread evenly over the run's; 0 keeps "
       "none",
       kOurs},
      {"interference", &S::interference, 0, 1,
       "Run each job alone as well, and say by what factor it takes longer beside the others", kOurs},
  };
  return rows;
}

const std::vector<Parameter<LimitSettings>>& parameters_of(const LimitSettings*) {
  using S = LimitSettings;
  static const std::vector<Parameter<S>> rows = {
      {"duration", &S::duration, 1, kHour, "Simulated time after which a run that has not ended is given up",
       kOurs},
  };
  return rows;
}

const std::vector<Parameter<Scenario>>& parameters_of(const Scenario*) {
  static const std::vector<Parameter<Scenario>> rows = {
      {"name", &Scenario::name, 0, 0, "Name of the run folder and in the report",
       "the file's name where it is not given"},
      {"description", &Scenario::description, 0, 0, "What the scenario is to show", kOurs},
  };
  return rows;
}

const std::vector<Parameter<Job>>& parameters_of(const Job*) {
  static const std::vector<Parameter<Job>> rows = {
      {"name", &Job::name, 0, 0, "Name in tables and files", "the source's name where it is not given"},
      {"iterations", &Job::iterations, 1, 1e6, "How often the job's trace is run", kOurs},
      {"background", &Job::background, 0, 1,
       "Repeat until the other jobs have ended, and leave the job out of the results", kOurs},
      {"start", &Job::start, 0, kHour, "When the job starts", kOurs},
      {"dscp", &Job::dscp, kOfTheNic, kDscps, "DSCP of the job's data packets; -1 means that of the NICs",
       kOurs},
      {"congestion_control", &Job::congestion_control, 0, static_cast<double>(congestion_algorithms().size()),
       "Which algorithm sets the rate of the job's queue pairs; nic means that of the NICs", kOurs,
       algorithms_of_a_job()},
  };
  return rows;
}

std::vector<Section> network_sections(NetworkSettings& network) {
  std::vector<BoundParameter> switch_parameters = bind(network.switches);
  for (const BoundParameter& map : bind(network.switches.maps)) switch_parameters.push_back(map);
  std::vector<Section> sections = {
      {"fabric", "Topology, links and hosts", bind(network.fabric)},
      {"switch", "QoS maps, shared buffer, PFC and ECN of every switch", switch_parameters},
      {"nic", "RoCE transport of every NIC", bind(network.nic)},
      {"collectives", "How ranks carry collectives, and what it costs them", bind(network.collectives)}};
  for (size_t i = 0; i < congestion_algorithms().size(); ++i) {
    const CongestionAlgorithm& row = congestion_algorithms()[i];
    std::vector<BoundParameter> parameters = network.congestion.bind(i);
    if (parameters.empty()) continue;
    sections.push_back({row.name, fmt::format("Where congestion_control is {}: {}", row.name, row.help),
                        std::move(parameters), i});
  }
  return sections;
}

tl::expected<void, std::string> apply_preset(NetworkSettings& network, size_t algorithm,
                                             std::string_view name) {
  const auto preset = network.congestion.apply_preset(algorithm, name);
  if (!preset) return tl::unexpected(preset.error());
  for (const auto& [switch_parameter, text] : (*preset)->switches)
    for (const BoundParameter& row : bind(network.switches))
      if (row.name == switch_parameter)
        if (auto set = row.set(text); !set) return set;
  return {};
}

std::vector<BoundParameter> scenario_parameters(Scenario& scenario) {
  return bind(scenario);
}

std::vector<Section> run_sections(Scenario& scenario) {
  return {{"output", "What a run keeps", bind(scenario.output)},
          {"limits", "When a run is given up", bind(scenario.limits)}};
}

std::vector<BoundParameter> job_parameters(Job& job) {
  std::vector<BoundParameter> parameters = bind(job);
  for (const BoundParameter& parameter : bind(job.stragglers)) parameters.push_back(parameter);
  return parameters;
}

std::vector<Section> source_sections(Job& job) {
  std::vector<Section> sections = {{"trace", "Replays a captured training step", bind(job.trace)}};
  for (size_t kind = 0; kind < workloads().size(); ++kind)
    sections.push_back(
        {workloads()[kind].key, std::string(workloads()[kind].help), job.workload_settings.bind(kind)});
  return sections;
}

Section source_section(Job& job) {
  return source_sections(job)[job.workload ? 1 + *job.workload : 0];
}

std::vector<std::string*> source_files(Job& job) {
  if (job.workload) return job.workload_settings.files(*job.workload);
  if (job.trace.path.empty()) return {};
  return {&job.trace.path};
}

std::vector<std::string*> job_files(Job& job) {
  std::vector<std::string*> files = source_files(job);
  if (!job.placement.topology.empty()) files.push_back(&job.placement.topology);
  return files;
}

Section placement_section(Job& job) {
  return {"placement", "Which hosts and GPUs the job's ranks run on", bind(job.placement)};
}

}  // namespace railyard
