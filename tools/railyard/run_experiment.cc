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
#include "tools/report/straggler_text.h"
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

report::Setting* find_setting(report::RunSet& runs, const std::string& name) {
  const auto found = std::find_if(runs.settings.begin(), runs.settings.end(),
                                  [&](const report::Setting& setting) { return setting.name == name; });
  return found == runs.settings.end() ? nullptr : &*found;
}

// The setting has no figures any more: they would be of other seeds than the other settings'.
void take_out(report::RunSet& runs, const report::Failure& failure) {
  runs.settings.erase(std::remove_if(runs.settings.begin(), runs.settings.end(),
                                     [&](const auto& setting) { return setting.name == failure.setting; }),
                      runs.settings.end());
  runs.failures.push_back(failure);
}

// Compiles runs, sharing with the one before what is the same, and simulates them.
class Simulator {
 public:
  Simulator(Context& context, Timing& timing) : context_(context), timing_(timing) {}

  tl::expected<report::Run, std::string> run(const RunInput& input, ProgressMeter& meter) {
    ns3::SimulationCost cost;
    const auto start = Clock::now();
    auto compiled = compile_run(input, compiled_ ? &*compiled_ : nullptr);
    if (!compiled) return tl::make_unexpected(compiled.error());
    compiled_ = *std::move(compiled);
    const double compile_seconds = seconds_since(start);
    auto record = context_.simulate(
        *compiled_,
        [&](SimTime simulated, double fraction_done) {
          meter.update(simulated, fraction_done);
          return !was_interrupted();
        },
        cost);
    if (!record) return tl::make_unexpected(record.error());
    cost.setUpSeconds += compile_seconds;
    if (!cost.notice.empty()) notices_.insert(cost.notice);
    timing_.runs.push_back({input.setting, input.seed, cost, record->totals.packet_hops});
    record::Summary summary = record::summarise(*record);
    if (auto done = add_interference(input, meter, summary); !done) return tl::make_unexpected(done.error());
    return report::Run{input.seed, *std::move(record), std::move(summary)};
  }

  // That the run fits in memory. What cannot be compiled is told when it is its turn.
  tl::expected<void, std::string> check_memory(const RunInput& input) {
    auto compiled = compile_run(input, compiled_ ? &*compiled_ : nullptr);
    if (!compiled) return {};
    compiled_ = *std::move(compiled);
    return railyard::check_memory(context_.estimate(*compiled_), available_memory());
  }

  // Each job while the others wait for the end of the run, against what it took beside them. So they keep
  // their places, flows their numbers and paths, and nothing but the traffic of the others is gone.
  tl::expected<void, std::string> add_interference(const RunInput& input, ProgressMeter& meter,
                                                   record::Summary& summary) {
    if (!input.interference || input.jobs.size() < 2) return {};
    for (size_t i = 0; i < input.jobs.size(); ++i) {
      if (input.jobs[i].background) continue;
      RunInput alone = input;
      alone.interference = false;
      for (size_t other = 0; other < input.jobs.size(); ++other) {
        if (other == i) continue;
        alone.jobs[other].background = true;
        alone.jobs[other].start = input.maximum_duration;
      }
      Simulator simulator(context_, timing_);
      const auto run = simulator.run(alone, meter);
      if (!run)
        return tl::make_unexpected(fmt::format("job '{}' alone: {}", input.jobs[i].name, run.error()));
      record::add_interference(summary, i, run->summary);
    }
    return {};
  }

  // Each once, though every run may give it.
  void print_notices() {
    for (const std::string& notice : notices_)
      if (printed_.insert(notice).second && !context_.quiet) context_.err << "note: " << notice << '\n';
  }

 private:
  Context& context_;
  Timing& timing_;
  std::optional<CompiledRun> compiled_;
  std::set<std::string> notices_, printed_;
};

// The settings that do not fit in memory, told before hours are spent on the others. One seed stands for all.
std::vector<std::string> too_large(const Experiment& experiment, Simulator& simulator) {
  std::vector<std::string> lines;
  for (size_t i = 0; i < experiment.inputs.size(); i += experiment.scenario.seeds.size()) {
    const RunInput& input = experiment.inputs[i];
    if (const auto fits = simulator.check_memory(input); !fits)
      lines.push_back(fmt::format("setting {}, seed {}: {}", input.setting, input.seed, fits.error()));
  }
  return lines;
}

// Simulates what `runs` does not hold yet. A setting of which a run fails is taken out, and the others go on.
// False where the user interrupted it.
bool simulate_all(Context& context, const Experiment& experiment, report::RunSet& runs,
                  Simulator& simulator) {
  const size_t seeds = experiment.scenario.seeds.size();
  size_t missing = 0;
  for (const report::Setting& setting : runs.settings) missing += seeds - setting.runs.size();
  ProgressMeter meter(context.err, progress_style(context), missing);
  for (size_t i = 0; i < experiment.inputs.size(); ++i) {
    const RunInput& input = experiment.inputs[i];
    report::Setting* setting = find_setting(runs, input.setting);
    const size_t seed = i % seeds;
    if (setting == nullptr || seed < setting->runs.size()) continue;
    meter.begin_run(fmt::format("{}, seed {}", input.setting, input.seed));
    auto run = simulator.run(input, meter);
    if (!run && was_interrupted()) return false;
    if (run) {
      setting->runs.push_back(*std::move(run));
      meter.end_run();
    } else {
      take_out(runs, {input.setting, input.seed, run.error()});
      for (size_t left = seed; left < seeds; ++left) meter.end_run();
    }
  }
  simulator.print_notices();
  return true;
}

// Takes the runs over into what an experiment with more seeds needs beside them.
void describe_anew(const Context& context, const Experiment& experiment, report::RunSet& runs) {
  report::RunSet described = empty_run_set(experiment, context.command);
  described.rule = std::move(runs.rule);
  for (const report::Failure& failure : runs.failures) take_out(described, failure);
  for (report::Setting& setting : runs.settings)
    find_setting(described, setting.name)->runs = std::move(setting.runs);
  runs = std::move(described);
}

// Simulates the experiment, and with more seeds as long as it is not decided; it then has those seeds. False
// where the user interrupted it.
tl::expected<bool, std::string> simulate_until_decided(Context& context, Experiment& experiment,
                                                       const RunOptions& options, report::RunSet& runs,
                                                       Simulator& simulator) {
  std::set<std::string> warned(experiment.warnings.begin(), experiment.warnings.end());
  record::SeedPlan plan(experiment.scenario.seeds.size(), options.most_seeds, options.rule);
  while (true) {
    if (!simulate_all(context, experiment, runs, simulator)) return false;
    runs.rule = plan.rule();
    if (runs.settings.empty()) return true;
    const record::Comparison comparison = report::comparison_of(runs);
    const record::ComparedMetric* metric = comparison.primary();
    if (metric == nullptr || !plan.go_on(*metric)) return true;
    const std::vector<uint64_t> seeds = experiment.scenario.seeds;
    if (!context.quiet)
      context.err << fmt::format("railyard: {} seeds do not decide; going on to {} (at most {})\n",
                                 seeds.size(), plan.seeds(), options.most_seeds);
    auto more = with_seeds(std::move(experiment), more_seeds(seeds, plan.seeds()));
    if (!more) return tl::make_unexpected(more.error().front());
    experiment = *std::move(more);
    for (const std::string& warning : experiment.warnings)
      if (warned.insert(warning).second) context.err << "warning: " << warning << '\n';
    describe_anew(context, experiment, runs);
  }
}

// "setting pfc-only, seed 3 failed: ..."
std::vector<std::string> failures_in_words(const report::RunSet& runs) {
  std::vector<std::string> lines;
  for (const report::Failure& failure : runs.failures)
    lines.push_back(
        fmt::format("setting {}, seed {} failed: {}", failure.setting, failure.seed, failure.reason));
  return lines;
}

// The table, where the report is, and how far the expectations are met.
ExitCode print_results(Context& context, const Experiment& experiment, const report::RunSet& runs,
                       const std::filesystem::path& folder) {
  report::TerminalStyle style = report::style_of_stdout();
  style.color = style.color && context.color;
  report::print_comparison(context.out, runs, style);
  if (!context.quiet) context.out << "\nreport: " << (folder / "report.html").string() << '\n';
  const CheckedExpectations checked = check_expectations(experiment.played, runs);
  if (!context.quiet && !experiment.played.expectations.empty()) context.out << checked.in_words() << '\n';
  fail(context, ExitCode::Unmet, checked.unmet);
  if (!runs.failures.empty()) return fail(context, ExitCode::RunFailed, failures_in_words(runs));
  return checked.unmet.empty() ? ExitCode::Ok : ExitCode::Unmet;
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
  if (const auto folder = choose_folder(options.output, runs.scenario, runs.configuration_hash); !folder)
    return fail(context, ExitCode::Usage, {folder.error()});

  Timing timing;
  timing.started = std::chrono::system_clock::now();
  timing.engine = experiment.inputs.front().reference_engine ? "reference" : "window";
  timing.arguments = context.arguments;
  const auto start = Clock::now();
  Simulator simulator(context, timing);
  catch_interrupts();
  if (const auto lines = too_large(experiment, simulator); !lines.empty())
    return fail(context, ExitCode::RunFailed, lines);
  const tl::expected<bool, std::string> done =
      options.most_seeds > 0 ? simulate_until_decided(context, experiment, options, runs, simulator)
                             : simulate_all(context, experiment, runs, simulator);
  if (!done) return fail(context, ExitCode::RunFailed, {done.error()});
  if (!*done) return fail(context, ExitCode::Interrupted, {"interrupted: nothing was written"});
  if (runs.settings.empty()) return fail(context, ExitCode::RunFailed, failures_in_words(runs));
  for (const std::string& line : failures_in_words(runs))
    runs.cautions.push_back(line + ". It has no figures here.");
  for (const std::string& sentence : report::straggler_sentences(runs)) runs.cautions.push_back(sentence);
  timing.seconds = seconds_since(start);
  // Without a name of its own it bears the hash of the seeds that were run in the end.
  const auto folder = choose_folder(options.output, runs.scenario, runs.configuration_hash);
  if (!folder) return fail(context, ExitCode::RunFailed, {folder.error()});
  std::vector<Library> libraries = {{"ns-3", RAILYARD_NS3_VERSION}};
  for (const Library& library : libraries_in_use()) libraries.push_back(library);
  const FolderExtras extras{libraries, {{"timing.json", timing_json(timing)}}};
  if (const auto written = write_run_folder(*folder, experiment, runs, extras); !written)
    return fail(context, ExitCode::RunFailed, {written.error()});
  return print_results(context, experiment, runs, *folder);
}

}  // namespace railyard
