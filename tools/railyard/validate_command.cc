// SPDX-License-Identifier: GPL-2.0-only
// railyard validate
#include <ostream>

#include <fmt/format.h>

#include "tools/experiment/experiment.h"
#include "tools/railyard/subcommands.h"

namespace railyard {
namespace {

std::string count(size_t n, std::string_view noun) {
  return fmt::format("{} {}{}", n, noun, n == 1 ? "" : "s");
}

ExitCode validate(Context& context, const std::vector<std::string>& files,
                  const std::vector<std::string>& overrides) {
  std::vector<std::string> errors;
  for (const std::string& file : files) {
    ExperimentOptions options;
    options.scenario_file = file;
    options.overrides = overrides;
    const auto experiment = prepare_experiment(options);
    if (!experiment) {
      errors.insert(errors.end(), experiment.error().begin(), experiment.error().end());
      continue;
    }
    for (const std::string& warning : experiment->warnings) context.err << "warning: " << warning << '\n';
    const Scenario& scenario = experiment->scenario;
    if (!context.quiet)
      context.out << fmt::format(
          "{}: ok ({}, {}, {}; {})\n", file, count(scenario.settings.size(), "setting"),
          count(scenario.seeds.size(), "seed"), count(scenario.jobs.size(), "job"), experiment->fabric);
  }
  return errors.empty() ? ExitCode::Ok : fail(context, ExitCode::Usage, errors);
}

}  // namespace

void add_validate(CLI::App& app, Subcommands& subcommands) {
  auto files = std::make_shared<std::vector<std::string>>();
  auto overrides = std::make_shared<std::vector<std::string>>();
  CLI::App* sub =
      app.add_subcommand("validate", "Check scenario files and their captures without running them");
  sub->add_option("SCENARIO", *files, "Scenario files")->required();
  sub->add_option("--set", *overrides, "Replace a value in every setting")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  subcommands.push_back({sub, [=](Context& context) { return validate(context, *files, *overrides); }});
}

}  // namespace railyard
