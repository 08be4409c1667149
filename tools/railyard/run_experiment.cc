// SPDX-License-Identifier: GPL-2.0-only
#include "tools/railyard/run_experiment.h"

#include <chrono>
#include <ostream>
#include <set>

#include <fmt/format.h>

#include "tools/railyard/interrupt.h"
#include "tools/railyard/progress_meter.h"
#include "tools/railyard/run_folder.h"
#include "tools/railyard/version.h"
#include "tools/report/report.h"
#include "tools/scenario/expectation.h"
#include "tools/scenario/scenario_writer.h"

namespace railyard {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

ProgressStyle progress_style(const Context& context) {
  if (context.quiet) return ProgressStyle::None;
  return context.err_is_terminal ? ProgressStyle::Line : ProgressStyle::Heartbeat;
}

report::RunSet empty_run_set(const Context& context, const Experiment& experiment) {
  const Scenario& scenario = experiment.scenario;
  report::RunSet runs;
  runs.scenario = scenario.name;
  runs.description = scenario.description;
  runs.fabric = experiment.fabric;
  runs.configuration_hash = configuration_hash(scenario);
  runs.version = version();
  runs.command = context.command;
  for (const Setting& setting : scenario.settings)
    runs.settings.push_back({setting.name, resolved_yaml(scenario, setting), {}});
  return runs;
}

// Simulates all runs into `runs`; the error says which one failed.
tl::expected<void, std::string> simulate_all(Context& context, const Experiment& experiment,
                                             report::RunSet& runs, Timing& timing) {
  ProgressMeter meter(context.err, progress_style(context), experiment.inputs.size());
  const size_t seeds = experiment.scenario.seeds.size();
  std::set<std::string> notices;  // each once, though every run may give it
  for (size_t i = 0; i < experiment.inputs.size(); ++i) {
    const ns3::SimulationInput& input = experiment.inputs[i];
    const std::string what = fmt::format("{}, seed {}", input.setting, input.seed);
    ns3::SimulationCost cost;
    meter.begin_run(what);
    auto record = context.simulate(
        input,
        [&](SimTime simulated, double fraction_done) {
          meter.update(simulated, fraction_done);
          return !was_interrupted();
        },
        cost);
    if (!record) return tl::make_unexpected(fmt::format("setting {} failed: {}", what, record.error()));
    meter.end_run();
    if (!cost.notice.empty()) notices.insert(cost.notice);
    timing.runs.push_back({input.setting, input.seed, cost, record->totals.packet_hops});
    record::Summary summary = record::summarise(*record);
    runs.settings[i / seeds].runs.push_back({input.seed, *std::move(record), std::move(summary)});
  }
  if (!context.quiet)
    for (const std::string& notice : notices) context.err << "note: " << notice << '\n';
  return {};
}

// One line for each run that does not meet an expectation.
std::vector<std::string> unmet_expectations(const Scenario& scenario, const report::RunSet& runs) {
  std::vector<std::string> unmet;
  for (const Expectation& expectation : scenario.expectations)
    for (const report::Setting& setting : runs.settings) {
      if (!expectation.setting.empty() && expectation.setting != setting.name) continue;
      for (const report::Run& run : setting.runs)
        if (const auto reason = unmet_reason(expectation, run.summary); !reason.empty())
          unmet.push_back(
              fmt::format("expectation not met in {}, seed {}: {}", setting.name, run.seed, reason));
    }
  return unmet;
}

}  // namespace

ExitCode run_experiment(Context& context, const Experiment& experiment, const std::string& output) {
  report::RunSet runs = empty_run_set(context, experiment);
  // Before hours are spent on results that could not be kept.
  const auto folder = choose_folder(output, runs.scenario, runs.configuration_hash);
  if (!folder) return fail(context, ExitCode::Usage, {folder.error()});

  Timing timing;
  timing.started = std::chrono::system_clock::now();
  timing.engine = experiment.inputs.front().referenceEngine ? "reference" : "window";
  timing.arguments = context.arguments;
  const auto start = Clock::now();
  catch_interrupts();
  if (const auto done = simulate_all(context, experiment, runs, timing); !done) {
    if (was_interrupted()) return fail(context, ExitCode::Interrupted, {"interrupted: nothing was written"});
    return fail(context, ExitCode::RunFailed, {done.error()});
  }
  timing.seconds = seconds_since(start);
  if (const auto done = write_run_folder(*folder, experiment.scenario, runs, timing); !done)
    return fail(context, ExitCode::RunFailed, {done.error()});

  report::TerminalStyle style = report::style_of_stdout();
  style.color = style.color && context.color;
  report::print_comparison(context.out, runs, style);
  if (!context.quiet) context.out << "\nreport: " << (*folder / "report.html").string() << '\n';
  const auto unmet = unmet_expectations(experiment.scenario, runs);
  if (!unmet.empty()) return fail(context, ExitCode::Unmet, unmet);
  if (!context.quiet && !experiment.scenario.expectations.empty())
    context.out << fmt::format("expectations: {} met\n", experiment.scenario.expectations.size());
  return ExitCode::Ok;
}

}  // namespace railyard
