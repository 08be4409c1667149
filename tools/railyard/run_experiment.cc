// SPDX-License-Identifier: GPL-2.0-only
#include "tools/railyard/run_experiment.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <ostream>
#include <set>

#include <fmt/format.h>

#include "tools/experiment/run_folder.h"
#include "tools/experiment/version.h"
#include "tools/railyard/interrupt.h"
#include "tools/railyard/progress_meter.h"
#include "tools/railyard/timing.h"
#include "tools/report/report.h"
#include "traffic/record/seed_plan.h"

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

// Simulates all runs that `runs` does not hold yet; the error says which one failed.
tl::expected<void, std::string> simulate_all(Context& context, const Experiment& experiment,
                                             report::RunSet& runs, Timing& timing) {
  const size_t seeds = experiment.scenario.seeds.size();
  const size_t done = runs.settings.front().runs.size();  // of each setting, by an earlier look
  ProgressMeter meter(context.err, progress_style(context), (seeds - done) * runs.settings.size());
  std::optional<CompiledRun> run;  // shares with the one before what is the same
  std::set<std::string> notices;   // each once, though every run may give it
  for (size_t i = 0; i < experiment.inputs.size(); ++i) {
    if (i % seeds < done) continue;
    const RunInput& input = experiment.inputs[i];
    const std::string what = fmt::format("{}, seed {}", input.setting, input.seed);
    ns3::SimulationCost cost;
    meter.begin_run(what);
    const auto start = Clock::now();
    auto compiled = compile_run(input, run ? &*run : nullptr);
    if (!compiled) return tl::make_unexpected(fmt::format("setting {} failed: {}", what, compiled.error()));
    run = *std::move(compiled);
    const double compile_seconds = seconds_since(start);
    auto record = context.simulate(
        *run,
        [&](SimTime simulated, double fraction_done) {
          meter.update(simulated, fraction_done);
          return !was_interrupted();
        },
        cost);
    if (!record) return tl::make_unexpected(fmt::format("setting {} failed: {}", what, record.error()));
    meter.end_run();
    cost.setUpSeconds += compile_seconds;
    if (!cost.notice.empty()) notices.insert(cost.notice);
    timing.runs.push_back({input.setting, input.seed, cost, record->totals.packet_hops});
    record::Summary summary = record::summarise(*record);
    runs.settings[i / seeds].runs.push_back({input.seed, *std::move(record), std::move(summary)});
  }
  if (!context.quiet)
    for (const std::string& notice : notices) context.err << "note: " << notice << '\n';
  return {};
}

// Takes the runs over into what an experiment with more seeds needs beside them.
void describe_anew(const Context& context, const Experiment& experiment, report::RunSet& runs) {
  report::RunSet described = empty_run_set(experiment, context.command);
  described.rule = std::move(runs.rule);
  for (size_t i = 0; i < runs.settings.size(); ++i)
    described.settings[i].runs = std::move(runs.settings[i].runs);
  runs = std::move(described);
}

// Simulates the experiment, and with more seeds as long as it is not decided; it then has those seeds.
tl::expected<void, std::string> simulate_until_decided(Context& context, Experiment& experiment,
                                                       const RunOptions& options, report::RunSet& runs,
                                                       Timing& timing) {
  record::SeedPlan plan(experiment.scenario.seeds.size(), options.most_seeds, options.rule);
  while (true) {
    if (auto done = simulate_all(context, experiment, runs, timing); !done) return done;
    runs.rule = plan.rule();
    const record::Comparison comparison = report::comparison_of(runs);
    const record::ComparedMetric* metric = comparison.primary();
    if (metric == nullptr || !plan.go_on(*metric)) return {};
    if (!context.quiet)
      context.err << fmt::format("railyard: {} seeds do not decide; going on to {} (at most {})\n",
                                 experiment.scenario.seeds.size(), plan.seeds(), options.most_seeds);
    auto more = options.with_seeds(more_seeds(experiment.scenario.seeds, plan.seeds()));
    if (!more) return tl::make_unexpected(more.error().front());
    experiment = *std::move(more);
    describe_anew(context, experiment, runs);
  }
}

}  // namespace

std::vector<uint64_t> more_seeds(std::vector<uint64_t> seeds, size_t count) {
  uint64_t next = seeds.empty() ? 0 : *std::max_element(seeds.begin(), seeds.end());
  while (seeds.size() < count) seeds.push_back(++next);
  return seeds;
}

ExitCode run_experiment(Context& context, Experiment experiment, const RunOptions& options) {
  report::RunSet runs = empty_run_set(experiment, context.command);
  runs.rule = options.rule;
  // Before hours are spent on results that could not be kept.
  const auto folder = choose_folder(options.output, runs.scenario, runs.configuration_hash);
  if (!folder) return fail(context, ExitCode::Usage, {folder.error()});

  Timing timing;
  timing.started = std::chrono::system_clock::now();
  timing.engine = experiment.inputs.front().reference_engine ? "reference" : "window";
  timing.arguments = context.arguments;
  const auto start = Clock::now();
  catch_interrupts();
  const auto done = options.with_seeds ? simulate_until_decided(context, experiment, options, runs, timing)
                                       : simulate_all(context, experiment, runs, timing);
  if (!done) {
    if (was_interrupted()) return fail(context, ExitCode::Interrupted, {"interrupted: nothing was written"});
    return fail(context, ExitCode::RunFailed, {done.error()});
  }
  timing.seconds = seconds_since(start);
  std::vector<Library> libraries = {{"ns-3", RAILYARD_NS3_VERSION}};
  for (const Library& library : libraries_in_use()) libraries.push_back(library);
  const FolderExtras extras{libraries, {{"timing.json", timing_json(timing)}}};
  if (const auto written = write_run_folder(*folder, experiment, runs, extras); !written)
    return fail(context, ExitCode::RunFailed, {written.error()});

  report::TerminalStyle style = report::style_of_stdout();
  style.color = style.color && context.color;
  report::print_comparison(context.out, runs, style);
  if (!context.quiet) context.out << "\nreport: " << (*folder / "report.html").string() << '\n';
  const auto unmet = unmet_expectations(experiment.played, runs);
  if (!unmet.empty()) return fail(context, ExitCode::Unmet, unmet);
  if (!context.quiet && !experiment.scenario.expectations.empty())
    context.out << fmt::format("expectations: {} met\n", experiment.scenario.expectations.size());
  return ExitCode::Ok;
}

}  // namespace railyard
