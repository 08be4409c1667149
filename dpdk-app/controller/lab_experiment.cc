// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/controller/lab_experiment.h"

#include <algorithm>
#include <ctime>
#include <optional>

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace railyard::lab {
namespace {

using Snapshot = tl::expected<SwitchSnapshot, std::string>;

std::vector<CountedFrames> counted_frames(const std::vector<Player>& players, const LabRun& run) {
  std::vector<CountedFrames> counted;
  for (size_t i = 0; i < players.size(); ++i) {
    const auto& measurements = run.players[i].measurements;
    counted.push_back({players[i].place.name, &players[i].client->identity(),
                       measurements && measurements->has_frames() ? &measurements->frames() : nullptr});
  }
  return counted;
}

uint64_t drops_of(const std::vector<record::Port>& switch_ports) {
  uint64_t drops = 0;
  for (const record::Port& port : switch_ports)
    for (const uint64_t frames : port.drops) drops += frames;
  return drops;
}

// Whether PFC protects the data of any job.
bool is_lossless(const RunInput& input) {
  const SwitchSettings& s = input.switches;
  return std::any_of(input.jobs.begin(), input.jobs.end(), [&](const JobInput& job) {
    return s.pfc_enable.has(s.maps.pg_to_pfc[s.maps.group_of_dscp(job.dscp.value_or(input.nic.dscp))]);
  });
}

class Series {
 public:
  Series(const Experiment& experiment, std::vector<Player>& players, const LabExperimentOptions& options,
         const std::atomic<bool>& cancelled, LiveTable& table)
      : experiment_(experiment), players_(players), options_(options), cancelled_(cancelled), table_(table) {}

  LabOutcome play(report::RunSet& results) {
    const size_t seeds = experiment_.played.seeds.size();
    for (size_t i = 0; i < experiment_.inputs.size() && goes_on(); ++i)
      play_one(experiment_.inputs[i], results.settings[i / seeds]);
    for (report::Setting& setting : results.settings) leave_out_incomplete(setting);
    auto& settings = results.settings;
    settings.erase(std::remove_if(settings.begin(), settings.end(),
                                  [](const report::Setting& setting) { return setting.runs.empty(); }),
                   settings.end());
    return std::move(outcome_);
  }

 private:
  bool goes_on() {
    if (cancelled_) outcome_.interrupted = true;
    return !outcome_.interrupted && outcome_.failed.empty();
  }
  void play_one(const RunInput& input, report::Setting& setting);
  void leave_out_incomplete(report::Setting& setting);
  void keep(const CompiledRun& compiled, PlayedRun played, std::vector<record::Port> switch_ports,
            report::Setting& setting);
  std::vector<Snapshot> snapshots() const;
  std::vector<record::Port> compare(const std::vector<Snapshot>& before, const std::vector<Snapshot>& after,
                                    PlayedRun& played) const;

  const Experiment& experiment_;
  std::vector<Player>& players_;
  const LabExperimentOptions& options_;
  const std::atomic<bool>& cancelled_;
  LiveTable& table_;
  LabOutcome outcome_;
  std::optional<CompiledRun> compiled_;  // of the latest run, which shares with the one before
};

std::vector<Snapshot> Series::snapshots() const {
  std::vector<Snapshot> taken;
  for (const LabSwitch* one : sonic_switches(experiment_.played.lab))
    taken.push_back(snapshot(*one, options_.ssh));
  return taken;
}

std::vector<record::Port> Series::compare(const std::vector<Snapshot>& before,
                                          const std::vector<Snapshot>& after, PlayedRun& played) const {
  std::vector<record::Port> ports;
  const auto switches = sonic_switches(experiment_.played.lab);
  for (size_t i = 0; i < switches.size(); ++i) {
    const std::string stem = fmt::format("{}-seed{}-{}", played.setting, played.seed, switches[i]->name);
    SwitchFiles files{switches[i]->name, {}, {}};
    for (const auto& [when, taken] : {std::pair("before", &before[i]), std::pair("after", &after[i])}) {
      if (!*taken) {
        files.problems.push_back(fmt::format("{} the run: {}", when, taken->error()));
        continue;
      }
      files.files.push_back({fmt::format("{}-{}-config.json", stem, when), (*taken)->config});
      files.files.push_back({fmt::format("{}-{}-counters.json", stem, when), (*taken)->counters});
    }
    if (before[i] && after[i]) {
      SwitchPorts counted = ports_between(switches[i]->name, switches[i]->ports, before[i]->parsed,
                                          after[i]->parsed, after[i]->speeds);
      if (before[i]->config != after[i]->config)
        files.problems.push_back("the running configuration changed during the run");
      files.problems.insert(files.problems.end(), counted.problems.begin(), counted.problems.end());
      ports.insert(ports.end(), counted.ports.begin(), counted.ports.end());
    }
    played.switches.push_back(std::move(files));
  }
  return ports;
}

void Series::play_one(const RunInput& input, report::Setting& setting) {
  const std::string what = fmt::format("{}, seed {}", input.setting, input.seed);
  auto compiled = compile_run(input, compiled_ ? &*compiled_ : nullptr);
  if (!compiled) {
    outcome_.failed = fmt::format("{}: {}", what, compiled.error());
    return;
  }
  compiled_ = *std::move(compiled);
  const auto plan = build_plan(experiment_.played, *compiled_, players_, options_.plan);
  if (!plan) {
    outcome_.failed = fmt::format("{}: {}", what, plan.error());
    return;
  }
  table_.begin(what);
  PlayedRun played;
  played.setting = input.setting;
  played.seed = input.seed;
  played.started = fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)));
  const std::vector<Snapshot> before = snapshots();
  auto run =
      lab::play(*plan, players_, options_.times, cancelled_, [&](const std::vector<PlayerState>& states) {
        table_.update(states, experiment_.played.lab.lateness_limit);
      });
  if (!run) {
    outcome_.interrupted = cancelled_;
    if (!cancelled_) outcome_.failed = fmt::format("{}: {}", what, run.error());
    return;
  }
  played.run = *std::move(run);
  std::vector<record::Port> ports = compare(before, snapshots(), played);
  played.frames =
      balance_of(cables_of(*plan, *compiled_->fabric), counted_frames(players_, played.run), drops_of(ports));
  played.lossless = is_lossless(input);
  keep(*compiled_, std::move(played), std::move(ports), setting);
}

void Series::keep(const CompiledRun& compiled, PlayedRun played, std::vector<record::Port> switch_ports,
                  report::Setting& setting) {
  std::vector<MeasuredPart> parts;
  for (const PlayerResult& player : played.run.players)
    if (player.measurements) parts.push_back({player.state.name, &*player.measurements, player.drift_ppm});
  const RunInput& input = compiled.input;
  auto merged = merge(compiled, parts, switch_ports);
  if (!merged) {
    outcome_.failed = fmt::format("{}, seed {}: {}", input.setting, input.seed, merged.error());
    return;
  }
  played.gaps = merged->gaps;
  outcome_.interrupted = played.run.interrupted;
  const bool lost = std::any_of(played.run.players.begin(), played.run.players.end(),
                                [](const PlayerResult& player) { return !player.state.lost.empty(); });
  if (lost)
    outcome_.failed = fmt::format("{}, seed {}: {}", input.setting, input.seed, played.run.stopped_by);
  record::Summary summary = record::summarise(merged->record);
  setting.runs.push_back({input.seed, std::move(merged->record), std::move(summary)});
  outcome_.runs.push_back(std::move(played));
}

void Series::leave_out_incomplete(report::Setting& setting) {
  const auto is_complete = [&](const report::Run& run) {
    return std::any_of(outcome_.runs.begin(), outcome_.runs.end(), [&](const PlayedRun& played) {
      return played.setting == setting.name && played.seed == run.seed && played.run.complete;
    });
  };
  const auto incomplete = std::stable_partition(setting.runs.begin(), setting.runs.end(), is_complete);
  if (incomplete == setting.runs.begin()) return;  // they are all there is to show
  for (auto run = incomplete; run != setting.runs.end(); ++run)
    outcome_.left_out.push_back({setting.name, std::move(*run)});
  setting.runs.erase(incomplete, setting.runs.end());
}

}  // namespace

LabOutcome play_all(const Experiment& experiment, std::vector<Player>& players,
                    const LabExperimentOptions& options, const std::atomic<bool>& cancelled, LiveTable& table,
                    report::RunSet& results) {
  return Series(experiment, players, options, cancelled, table).play(results);
}

}  // namespace railyard::lab
