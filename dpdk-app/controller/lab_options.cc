// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/controller/lab_options.h"

#include <fmt/format.h>

namespace railyard::lab {
namespace {

// CLI11 alone would let -1 become the largest number.
std::string seed_mistake(const std::string& text) {
  if (text.find_first_not_of("0123456789") == std::string::npos) return "";
  return fmt::format("'{}' is not a seed: a seed is a whole number from 0 up", text);
}

}  // namespace

void add_lab_options(CLI::App& app, LabOptions& options) {
  app.add_option("SCENARIO", options.experiment.scenario_file, "Scenario file with a lab section")
      ->required();
  app.add_option("--set", options.experiment.overrides,
                 "Replace a value in every setting, such as nic.mtu=1024")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  app.add_option("--tls-cert", options.tls.certificate, "Certificate that this controller shows")
      ->type_name("PEM");
  app.add_option("--tls-key", options.tls.key, "Its private key")->type_name("PEM");
  app.add_option("--tls-ca", options.tls.ca, "Authority that certified the players")->type_name("PEM");
  app.add_option("--ssh-config", options.ssh.config_file, "How to reach the switches, as ssh -F takes it")
      ->type_name("FILE");
}

void add_patience(CLI::App& app, LabOptions& options) {
  constexpr unsigned kUsual = 5, kMost = 3'600;
  options.patience_s = kUsual;
  app.add_option("--patience", options.patience_s,
                 "How long players may still be starting: where nobody listens it tries again")
      ->check(CLI::Range(0u, kMost))
      ->capture_default_str()
      ->type_name("SECONDS");
}

void add_choice_of_runs(CLI::App& app, ExperimentOptions& options) {
  app.add_option("--setting", options.setting, "This setting only; by default all")->type_name("NAME");
  app.add_option("--seed", options.seed, "This seed only; by default all, each a repetition")
      ->check(seed_mistake)
      ->type_name("N");
}

tl::expected<Experiment, Errors> prepare_lab(const LabOptions& options) {
  auto experiment = prepare_experiment(options.experiment);
  if (experiment && experiment->scenario.lab.agents.empty())
    return tl::make_unexpected(Errors{
        fmt::format("{}: no lab plays this scenario; add lab.agents, one entry for each railyard-agent",
                    options.experiment.scenario_file)});
  if (experiment && experiment->scenario.output.interference)
    return tl::make_unexpected(Errors{
        fmt::format("{}: output.interference runs each job alone as well, which only the simulator does; add "
                    "--set output.interference=false",
                    options.experiment.scenario_file)});
  return experiment;
}

tl::expected<std::vector<Player>, std::string> connect_lab(const Scenario& scenario,
                                                           const LabOptions& options) {
  const auto session = session_options(scenario, options.tls);
  if (!session) return tl::make_unexpected(session.error());
  return connect_all(places_of(scenario.lab), *session, std::chrono::seconds(options.patience_s));
}

std::vector<std::string> unreachable(const std::vector<Player>& players) {
  std::vector<std::string> errors;
  for (const Player& player : players)
    if (player.client == nullptr) errors.push_back(player.unreachable);
  return errors;
}

}  // namespace railyard::lab
