// SPDX-License-Identifier: BSD-3-Clause
#include "tools/experiment/experiment.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "tools/experiment/version.h"
#include "tools/scenario/buffer_check.h"
#include "tools/scenario/cluster.h"
#include "tools/scenario/digest.h"
#include "tools/scenario/expectation.h"
#include "tools/scenario/hidden_differences.h"
#include "tools/scenario/job_builder.h"
#include "tools/scenario/marking_check.h"
#include "tools/scenario/scenario_writer.h"
#include "tools/scenario/time_scale.h"
#include "traffic/fabric/fabric_builder.h"
#include "traffic/parameter/nearest_name.h"
#include "traffic/run/compiled_run.h"

namespace railyard {
namespace {

std::string at_job(const Scenario& scenario, const Job& job, std::string_view message) {
  return fmt::format("{}:{}:{}: job '{}': {}", scenario.file.string(), job.place.line, job.place.column,
                     job.name, message);
}

std::string choose_setting(Scenario& scenario, const std::string& name) {
  const auto found = std::find_if(scenario.settings.begin(), scenario.settings.end(),
                                  [&](const Setting& setting) { return setting.name == name; });
  if (found == scenario.settings.end()) {
    std::vector<std::string_view> names;
    for (const Setting& setting : scenario.settings) names.push_back(setting.name);
    return fmt::format("{}: there is no setting '{}'{}", scenario.file.string(), name,
                       did_you_mean(name, names));
  }
  scenario.settings = {Setting(*found)};
  return "";
}

// Fills in the traces and their digests; those that are there stay.
void build_traces(Experiment& experiment, Errors& errors) {
  const Scenario& scenario = experiment.played;
  experiment.traces.resize(scenario.jobs.size());
  experiment.trace_digests.clear();
  for (size_t i = 0; i < scenario.jobs.size(); ++i) {
    const Job& job = scenario.jobs[i];
    std::map<uint64_t, BuiltTrace>& traces = experiment.traces[i];
    std::string digests;
    for (const uint64_t seed : scenario.seeds) {
      if (!traces.empty() && !depends_on_seed(job)) traces.emplace(seed, traces.begin()->second);
      if (const auto built = traces.find(seed); built != traces.end()) {
        digests += built->second.sha256;
        continue;
      }
      const WorkloadContext context{seed, job.name, scenario.file.parent_path(),
                                    experiment.scenario.network.fabric.link_rate};
      auto built = build_trace(job, context, scenario.lab.time_scale);
      if (!built) {
        errors.push_back(at_job(scenario, job, built.error()));
        break;
      }
      for (const std::string& warning : built->warnings)
        experiment.warnings.push_back(at_job(scenario, job, warning));
      digests += built->sha256;
      traces.emplace(seed, *std::move(built));
    }
    if (traces.empty()) continue;
    experiment.trace_digests.push_back(depends_on_seed(job) ? sha256(digests)
                                                            : traces.begin()->second.sha256);
  }
}

// Without seed and jobs.
RunInput input_of(const Scenario& scenario, const Setting& setting, std::shared_ptr<const FabricPlan> plan) {
  RunInput input;
  input.scenario = scenario.name;
  input.setting = setting.name;
  input.plan = std::move(plan);
  input.fabric = setting.network.fabric;
  input.switches = setting.network.switches;
  input.nic = setting.network.nic;
  input.congestion = setting.network.congestion;
  input.collectives = setting.network.collectives;
  for (const LabSwitch& lab_switch : scenario.lab.switches)
    for (const LabFault& fault : lab_switch.faults)
      input.link_faults.push_back({lab_switch.name, fault.path, fault.text});
  input.sample_interval = scenario.output.sample_interval;
  input.busiest_ports = scenario.output.busiest_ports;
  input.sampled_queue_pairs = scenario.output.queue_pairs;
  input.interference = scenario.output.interference;
  input.maximum_duration = scenario.limits.duration;
  return input;
}

// The GPUs of those before job `i` that it may not be on.
std::vector<schedule::RankLocation> taken_from(const Scenario& scenario, const RunInput& input, size_t i) {
  std::vector<schedule::RankLocation> taken;
  if (scenario.jobs[i].placement.share) return taken;
  for (size_t other = 0; other < input.jobs.size(); ++other)
    if (!scenario.jobs[other].placement.share)
      taken.insert(taken.end(), input.jobs[other].placement.begin(), input.jobs[other].placement.end());
  return taken;
}

// Fills in the jobs.
void place_jobs(const Scenario& scenario, const Traces& traces, RunInput& input, Errors& errors) {
  const schedule::Cluster cluster = cluster_of(*input.plan, input.fabric);
  for (size_t i = 0; i < traces.size(); ++i) {
    const Job& job = scenario.jobs[i];
    const BuiltTrace& built = traces[i].at(input.seed);
    const auto ranks = built.source->header().rank_count();
    const auto placement = place_job(job, scenario.file.parent_path(), cluster, ranks, input.seed,
                                     taken_from(scenario, input, i));
    if (!placement) {
      errors.push_back(
          at_job(scenario, job, fmt::format("in setting '{}': {}", input.setting, placement.error())));
      continue;
    }
    const auto schedule =
        built.schedules->at(*placement, host_shape_of(*input.plan, input.fabric), input.collectives);
    if (!schedule) {
      errors.push_back(at_job(scenario, job, schedule.error()));
      continue;
    }
    JobInput& placed = input.jobs.emplace_back();
    placed = {job.name,  built.source, *placement, job.iterations, job.background,
              job.start, {},           {},         *schedule};
    if (job.dscp != kOfTheNic) placed.dscp = static_cast<uint32_t>(job.dscp);
    if (job.congestion_control != 0) placed.congestion_control = job.congestion_control - 1;
  }
}

// Jobs that are on a GPU of another's, which is mostly an oversight: told once, though many runs may have it.
struct SharedGpus {
  std::set<size_t> jobs;    // all but the first on their GPU
  size_t first_job = 0;     // of `jobs`, the first that was found
  std::string first_place;  // "in setting 'a', seed 1: GPU 0 of host 3 is in use by job 'b'"
};

void find_shared_gpus(const Scenario& scenario, const RunInput& input, SharedGpus& shared) {
  std::map<std::pair<uint32_t, uint32_t>, std::vector<size_t>> jobs_on;
  for (size_t i = 0; i < input.jobs.size(); ++i) {
    for (const auto [host, gpu] : input.jobs[i].placement) {
      std::vector<size_t>& others = jobs_on[{host, gpu}];
      for (const size_t other : others) {
        const Job &job = scenario.jobs[i], &first = scenario.jobs[other];
        if (job.placement.share || first.placement.share || !shared.jobs.insert(i).second) continue;
        if (!shared.first_place.empty()) continue;
        shared.first_job = i;
        shared.first_place = fmt::format("in setting '{}', seed {}: GPU {} of host {} is in use by job '{}'",
                                         input.setting, input.seed, gpu, host, first.name);
      }
      others.push_back(i);
    }
  }
}

std::string in_words(const Scenario& scenario, SharedGpus shared) {
  shared.jobs.erase(shared.first_job);
  std::vector<std::string> more;
  for (const size_t i : shared.jobs) more.push_back(fmt::format("'{}'", scenario.jobs[i].name));
  const std::string others = more.empty() ? ""
                                          : fmt::format(" (and so it is with job{} {})",
                                                        more.size() == 1 ? "" : "s", fmt::join(more, ", "));
  return at_job(scenario, scenario.jobs[shared.first_job],
                fmt::format("{}{}; give the jobs hosts of their own with placement.hosts, or set "
                            "placement.share to true",
                            shared.first_place, others));
}

// What the inputs of each setting have in common.
std::vector<RunInput> inputs_without_seed(Experiment& experiment, Errors& errors) {
  const Scenario& scenario = experiment.played;
  std::vector<RunInput> inputs;
  for (const Setting& setting : scenario.settings) {
    const auto plan = scenario.fabrics->of(setting.network.fabric);
    if (!plan) {
      errors.push_back(plan.error());
      return {};
    }
    for (const std::string& warning :
         {check_buffers(setting.network, **plan).warning, marking_warning(setting.network)})
      if (!warning.empty())
        experiment.warnings.push_back(
            fmt::format("{}: setting '{}': {}", scenario.file.string(), setting.name, warning));
    const std::string words = describe_fabric(setting.network.fabric, **plan);
    if (experiment.fabric.find(words) == std::string::npos)
      experiment.fabric += (experiment.fabric.empty() ? "" : "; ") + words;
    inputs.push_back(input_of(scenario, setting, *plan));
  }
  return inputs;
}

// One input for each setting and seed.
void add_inputs(Experiment& experiment, const std::vector<RunInput>& of_settings, Errors& errors) {
  const Scenario& scenario = experiment.played;
  SharedGpus shared;
  for (const RunInput& of_setting : of_settings) {
    for (const uint64_t seed : scenario.seeds) {
      RunInput input = of_setting;
      input.seed = seed;
      place_jobs(scenario, experiment.traces, input, errors);
      // A job without a place is not among them, and told already.
      if (input.jobs.size() == scenario.jobs.size()) find_shared_gpus(scenario, input, shared);
      experiment.inputs.push_back(std::move(input));
    }
  }
  if (!shared.jobs.empty()) errors.push_back(in_words(scenario, shared));
  // The same rank does not fit, seed after seed.
  errors.erase(std::unique(errors.begin(), errors.end()), errors.end());
}

}  // namespace

tl::expected<Experiment, Errors> prepare_experiment(const ExperimentOptions& options) {
  auto scenario = load_scenario(options.scenario_file, options.overrides);
  if (!scenario) return tl::make_unexpected(scenario.error());
  Experiment experiment;
  experiment.scenario = *std::move(scenario);
  if (!options.setting.empty())
    if (const auto error = choose_setting(experiment.scenario, options.setting); !error.empty())
      return tl::make_unexpected(Errors{error});
  if (options.seed) experiment.scenario.seeds = {*options.seed};
  auto played = scaled(experiment.scenario);
  if (!played) return tl::make_unexpected(Errors{played.error()});
  experiment.played = *std::move(played);

  Errors errors;
  build_traces(experiment, errors);
  if (errors.empty()) {
    const std::vector<RunInput> of_settings = inputs_without_seed(experiment, errors);
    add_inputs(experiment, of_settings, errors);
  }
  if (!errors.empty()) return tl::make_unexpected(errors);
  for (const std::string& sentence : hidden_differences(experiment.played))
    experiment.warnings.push_back(fmt::format("{}: {}", experiment.scenario.file.string(), sentence));
  if (const std::string words = time_scale_in_words(experiment.scenario); !words.empty())
    experiment.fabric += "; " + words;
  return experiment;
}

tl::expected<Experiment, Errors> with_seeds(Experiment experiment, const std::vector<uint64_t>& seeds) {
  std::vector<RunInput> of_settings;
  for (size_t i = 0; i < experiment.inputs.size(); i += experiment.scenario.seeds.size()) {
    of_settings.push_back(std::move(experiment.inputs[i]));
    of_settings.back().jobs.clear();
  }
  experiment.inputs.clear();
  experiment.warnings.clear();
  experiment.scenario.seeds = experiment.played.seeds = seeds;
  Errors errors;
  build_traces(experiment, errors);
  if (errors.empty()) add_inputs(experiment, of_settings, errors);
  if (!errors.empty()) return tl::make_unexpected(errors);
  return experiment;
}

report::RunSet empty_run_set(const Experiment& experiment, const std::string& command) {
  const Scenario& scenario = experiment.scenario;
  report::RunSet runs;
  runs.scenario = scenario.name;
  runs.description = scenario.description;
  runs.fabric = experiment.fabric;
  runs.configuration_hash = configuration_hash(scenario, experiment.trace_digests);
  runs.version = version();
  runs.command = command;
  for (const std::string& sentence : hidden_differences(scenario)) runs.cautions.push_back(sentence + ".");
  for (const Setting& setting : scenario.settings)
    runs.settings.push_back({setting.name, resolved_yaml(scenario, setting), {}});
  return runs;
}

CheckedExpectations check_expectations(const Scenario& scenario, const report::RunSet& runs) {
  CheckedExpectations checked;
  for (const Expectation& expectation : scenario.expectations) {
    const size_t unmet_before = checked.unmet.size();
    bool has_runs = false;
    for (const report::Setting& setting : runs.settings) {
      if (!expectation.setting.empty() && expectation.setting != setting.name) continue;
      has_runs = true;
      std::string first;
      size_t others = 0;
      for (const report::Run& run : setting.runs) {
        const std::string reason = unmet_reason(expectation, run.summary);
        if (reason.empty()) continue;
        if (first.empty())
          first = fmt::format("expectation not met in {}, seed {}: {}", setting.name, run.seed, reason);
        else
          ++others;
      }
      if (others > 0) first += fmt::format("; nor with {} more of {} seeds", others, setting.runs.size());
      if (!first.empty()) checked.unmet.push_back(first);
    }
    if (!has_runs)
      ++checked.unchecked;
    else if (checked.unmet.size() == unmet_before)
      ++checked.met;
  }
  checked.not_met = scenario.expectations.size() - checked.met - checked.unchecked;
  return checked;
}

std::string CheckedExpectations::in_words() const {
  std::string text = fmt::format("expectations: {} met", met);
  if (not_met > 0) text += fmt::format(", {} not met", not_met);
  if (unchecked > 0) text += fmt::format(", {} not checked, of settings that have no runs", unchecked);
  return text;
}

}  // namespace railyard
