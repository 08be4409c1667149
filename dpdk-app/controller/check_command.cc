// SPDX-License-Identifier: BSD-3-Clause
// railyard lab check
#include <ostream>

#include <fmt/format.h>

#include "dpdk-app/controller/lab_checks.h"
#include "dpdk-app/controller/lab_options.h"
#include "dpdk-app/controller/lab_proof.h"
#include "dpdk-app/controller/subcommands.h"

namespace railyard::lab {
namespace {

ExitCode check(Context& context, const LabOptions& options) {
  const auto experiment = prepare_lab(options);
  if (!experiment) return fail(context, ExitCode::Usage, experiment.error());
  auto players = connect_lab(experiment->scenario, options);
  if (!players) return fail(context, ExitCode::Usage, {players.error()});
  context.out << fmt::format("{} on {}\n\n", experiment->scenario.name, experiment->fabric)
              << lab_table(experiment->played, *players) << '\n';
  CheckReport report = check_players(experiment->played, experiment->inputs.front(), *players);
  for (const LabSwitch* one : sonic_switches(experiment->played.lab))
    if (const auto taken = snapshot(*one, options.ssh); !taken) report.errors.push_back(taken.error());
  if (report.errors.empty()) {
    const LabProof proof = prove_lab(*experiment, *players, options.ssh, context.interrupted);
    control::Message stop;
    stop.mutable_stop()->set_reason("this was a check");
    for (Player& player : *players) player.client->send(stop);
    context.out << pause_table(proof.pauses);
    report.errors = proof.errors;
    for (const auto* more : {&proof.warnings, &proof.cautions})
      report.warnings.insert(report.warnings.end(), more->begin(), more->end());
  }
  for (const std::string& warning : report.warnings) context.err << "warning: " << warning << '\n';
  if (!report.errors.empty()) return fail(context, ExitCode::RunFailed, report.errors);
  context.out << "ready: railyard lab run " << options.experiment.scenario_file << '\n';
  return ExitCode::Ok;
}

}  // namespace

void add_check(CLI::App& app, Subcommands& subcommands) {
  auto options = std::make_shared<LabOptions>();
  CLI::App* sub = app.add_subcommand(
      "check", "Try whether the scenario can be played: players, addresses, frames of full size, pauses");
  add_lab_options(*sub, *options);
  add_patience(*sub, *options);
  subcommands.push_back({sub, [options](Context& context) { return check(context, *options); }});
}

}  // namespace railyard::lab
