// SPDX-License-Identifier: GPL-2.0-only
// railyard run, railyard compare
#include <ostream>

#include <fmt/format.h>

#include "tools/railyard/run_experiment.h"
#include "tools/railyard/subcommands.h"

namespace railyard {
namespace {

struct Options {
  ExperimentOptions experiment;
  std::string engine = "window";
  uint32_t threads = 1;
  std::string output;
  double least_difference = 1;  // percent
  bool until_decided = false;
  size_t most_seeds = 64;
};

// With fewer seeds nothing can be told of how widely the differences vary.
constexpr size_t kFewestSeedsToDecide = 5;

// CLI11 alone would let -1 become the largest number.
std::string seed_mistake(const std::string& text) {
  if (text.find_first_not_of("0123456789") == std::string::npos) return "";
  return fmt::format("'{}' is not a seed: a seed is a whole number from 0 up", text);
}

CLI::App* add_simulation(CLI::App& app, const std::string& name, const std::string& help, Options& options) {
  CLI::App* sub = app.add_subcommand(name, help);
  sub->add_option("SCENARIO", options.experiment.scenario_file, "Scenario file")->required();
  sub->add_option("--seed", options.experiment.seed, "Run this seed only")->check(seed_mistake);
  sub->add_option("--set", options.experiment.overrides,
                  "Replace a value in every setting, such as nic.mtu=1024")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  sub->add_option("--engine", options.engine,
                  "Simulation engine: window, or reference, which is slow and checks it")
      ->check(CLI::IsMember({"window", "reference"}))
      ->type_name("NAME");
  sub->add_option("--threads", options.threads,
                  "Threads of the window engine; the results do not depend on it")
      ->check(CLI::Range(1, 256))
      ->type_name("N");
  sub->add_option("-o,--output", options.output, "Run folder; by default runs/<scenario>-<hash>")
      ->type_name("FOLDER");
  return sub;
}

tl::expected<Experiment, Errors> prepare(Context& context, const Options& options) {
  auto experiment = prepare_experiment(options.experiment);
  if (!experiment) return experiment;
  for (const std::string& warning : experiment->warnings) context.err << "warning: " << warning << '\n';
  for (RunInput& input : experiment->inputs) {
    input.reference_engine = options.engine == "reference";
    input.threads = options.threads;
  }
  return experiment;
}

ExitCode run(Context& context, const Options& options) {
  auto experiment = prepare(context, options);
  if (!experiment) return fail(context, ExitCode::Usage, experiment.error());
  Scenario& scenario = experiment->scenario;
  if (experiment->inputs.size() > 1 && !context.quiet)
    context.err << fmt::format("running setting {}, seed {}; railyard compare runs all {}\n",
                               scenario.settings.front().name, scenario.seeds.front(),
                               experiment->inputs.size());
  scenario.settings.resize(1);
  scenario.seeds.resize(1);
  experiment->inputs.resize(1);
  return run_experiment(context, *experiment, {options.output, {}, 0});
}

ExitCode compare(Context& context, const Options& options) {
  auto experiment = prepare(context, options);
  if (!experiment) return fail(context, ExitCode::Usage, experiment.error());
  RunOptions run{options.output, {}, options.until_decided ? options.most_seeds : 0};
  run.rule.least_difference = options.least_difference / 100;
  if (!options.until_decided) return run_experiment(context, *std::move(experiment), run);
  const std::vector<uint64_t> seeds = experiment->scenario.seeds;
  if (seeds.size() > options.most_seeds)
    return fail(context, ExitCode::Usage,
                {fmt::format("railyard: --max-seeds {} is less than the {} seeds of the scenario",
                             options.most_seeds, seeds.size())});
  if (seeds.size() < kFewestSeedsToDecide) {
    experiment = with_seeds(*std::move(experiment), more_seeds(seeds, kFewestSeedsToDecide));
    if (!experiment) return fail(context, ExitCode::Usage, experiment.error());
  }
  return run_experiment(context, *std::move(experiment), run);
}

}  // namespace

void add_run(CLI::App& app, Subcommands& subcommands) {
  auto options = std::make_shared<Options>();
  CLI::App* sub = add_simulation(app, "run", "Simulate one setting of a scenario with one seed", *options);
  sub->add_option("--setting", options->experiment.setting, "Setting to run; by default the first")
      ->type_name("NAME");
  subcommands.push_back({sub, [options](Context& context) { return run(context, *options); }});
}

void add_compare(CLI::App& app, Subcommands& subcommands) {
  auto options = std::make_shared<Options>();
  CLI::App* sub =
      add_simulation(app, "compare", "Simulate every setting with every seed, and compare them", *options);
  sub->add_option("--least-difference", options->least_difference,
                  "Smallest relative difference that matters, in percent; by default 1")
      ->check(CLI::Range(0.0, 100.0))
      ->type_name("PERCENT");
  CLI::Option* until = sub->add_flag("--until-decided", options->until_decided,
                                     "Run more seeds until every setting is told apart from the best, or is "
                                     "the same within the least difference")
                           ->excludes("--seed");
  sub->add_option("--max-seeds", options->most_seeds, "Most seeds that --until-decided runs; by default 64")
      ->check(CLI::Range(kFewestSeedsToDecide, size_t{10'000}))
      ->type_name("N")
      ->needs(until);
  subcommands.push_back({sub, [options](Context& context) { return compare(context, *options); }});
}

}  // namespace railyard
