// SPDX-License-Identifier: BSD-3-Clause
// railyard lab status
#include <ostream>

#include "dpdk-app/controller/lab_checks.h"
#include "dpdk-app/controller/lab_options.h"
#include "dpdk-app/controller/subcommands.h"
#include "tools/scenario/scenario_loader.h"

namespace railyard::lab {
namespace {

// A player with a controller says so, and so is told apart from one that is idle and one that is not there.
ExitCode status(Context& context, const LabOptions& options) {
  const auto experiment = prepare_lab(options);
  if (!experiment) return fail(context, ExitCode::Usage, experiment.error());
  const auto players = connect_lab(experiment->scenario, options);
  if (!players) return fail(context, ExitCode::Usage, {players.error()});
  context.out << lab_table(experiment->played, *players);
  const std::vector<std::string> missing = unreachable(*players);
  if (!missing.empty()) context.out << '\n';
  return fail(context, missing.empty() ? ExitCode::Ok : ExitCode::RunFailed, missing);
}

}  // namespace

void add_status(CLI::App& app, Subcommands& subcommands) {
  auto options = std::make_shared<LabOptions>();
  CLI::App* sub = app.add_subcommand("status", "Say which players are there, and idle or taken");
  add_lab_options(*sub, *options);
  subcommands.push_back({sub, [options](Context& context) { return status(context, *options); }});
}

}  // namespace railyard::lab
