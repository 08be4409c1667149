// SPDX-License-Identifier: GPL-2.0-only
// railyard show-config
#include <algorithm>
#include <ostream>

#include <fmt/format.h>

#include "tools/railyard/subcommands.h"
#include "tools/scenario/scenario_loader.h"
#include "tools/scenario/scenario_writer.h"
#include "traffic/parameter/nearest_name.h"

namespace railyard {
namespace {

struct Options {
  std::string file, setting;
  std::vector<std::string> overrides;
};

ExitCode show_config(Context& context, const Options& options) {
  auto scenario = load_scenario(options.file, options.overrides);
  if (!scenario) return fail(context, ExitCode::Usage, scenario.error());
  scenario = with_full_paths(*std::move(scenario));  // the output may be kept anywhere
  if (options.setting.empty()) {
    context.out << resolved_yaml(*scenario);
    return ExitCode::Ok;
  }
  std::vector<std::string_view> names;
  for (const Setting& setting : scenario->settings) {
    names.push_back(setting.name);
    if (setting.name != options.setting) continue;
    context.out << resolved_yaml(*scenario, setting);
    return ExitCode::Ok;
  }
  return fail(context, ExitCode::Usage,
              {fmt::format("{}: there is no setting '{}'{}", options.file, options.setting,
                           did_you_mean(options.setting, names))});
}

}  // namespace

void add_show_config(CLI::App& app, Subcommands& subcommands) {
  auto options = std::make_shared<Options>();
  CLI::App* sub = app.add_subcommand("show-config", "Print a scenario with every parameter filled in");
  sub->add_option("SCENARIO", options->file, "Scenario file")->required();
  sub->add_option("--setting", options->setting, "This setting alone, its values in place")
      ->type_name("NAME");
  sub->add_option("--set", options->overrides, "Replace a value in every setting")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  subcommands.push_back({sub, [options](Context& context) { return show_config(context, *options); }});
}

}  // namespace railyard
