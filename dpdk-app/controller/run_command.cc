// SPDX-License-Identifier: BSD-3-Clause
// railyard lab run
#include <algorithm>
#include <ostream>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "dpdk-app/controller/interrupt.h"
#include "dpdk-app/controller/lab_checks.h"
#include "dpdk-app/controller/lab_experiment.h"
#include "dpdk-app/controller/lab_options.h"
#include "dpdk-app/controller/lab_proof.h"
#include "dpdk-app/controller/subcommands.h"
#include "tools/experiment/run_folder.h"
#include "tools/report/report.h"
#include "traffic/record/record_file.h"

namespace railyard::lab {
namespace {

struct Options {
  LabOptions lab;
  LabExperimentOptions experiment;
  std::vector<std::string> faults;
  std::optional<uint32_t> repetitions;
  std::string output;
  bool quiet = false;
};

LiveStyle live_style(const Context& context, const Options& options) {
  if (options.quiet) return LiveStyle::None;
  return context.err_is_terminal ? LiveStyle::Redrawn : LiveStyle::Heartbeat;
}

ExitCode exit_code(const LabOutcome& outcome) {
  if (outcome.interrupted) return ExitCode::Interrupted;
  const bool sound = std::all_of(outcome.runs.begin(), outcome.runs.end(), [](const PlayedRun& run) {
    return run.run.complete && invalid_because(run).empty();
  });
  return sound && outcome.failed.empty() ? ExitCode::Ok : ExitCode::RunFailed;
}

// Their records, which nothing is computed from.
tl::expected<void, std::string> keep_left_out(const LabOutcome& outcome, report::RunSet& results,
                                              std::vector<TextFile>& files) {
  for (const LeftOut& left : outcome.left_out) {
    auto bytes = record::encode_record(left.run.record);
    if (!bytes) return tl::make_unexpected(bytes.error());
    files.push_back(
        {fmt::format("incomplete-{}-seed{}.ryrecord", left.setting, left.run.seed), *std::move(bytes)});
    results.cautions.push_back(
        fmt::format("Setting {}, seed {} is left out of all figures, since it did not come to its end; {} "
                    "has what it measured.",
                    left.setting, left.run.seed, files.back().name));
  }
  if (!outcome.left_out.empty())
    results.cautions.push_back(fmt::format("{} of {} runs are left out of all figures.",
                                           outcome.left_out.size(), outcome.runs.size()));
  return {};
}

ExitCode write_and_report(Context& context, const Options& options, const Experiment& experiment,
                          const std::filesystem::path& folder, const std::vector<Player>& players,
                          const LabOutcome& outcome, const LabProof& proof, report::RunSet& results) {
  for (std::string& caution : cautions_of(outcome.runs, players))
    results.cautions.push_back(std::move(caution));
  if (!options.faults.empty())
    results.cautions.push_back(fmt::format(
        "Faults were asked for by --fault ({}), in the lab alone: what lab.switches[].faults says, in the "
        "file or by --set, is simulated too.",
        fmt::join(options.faults, ", ")));
  if (!outcome.failed.empty())
    results.cautions.push_back("Not all runs were played: " + outcome.failed + ".");
  if (outcome.interrupted) results.cautions.push_back("Not all runs were played: interrupted by the user.");
  FolderExtras extras{{}, lab_files(experiment.scenario, players, outcome.runs, proof.pauses)};
  if (auto kept = keep_left_out(outcome, results, extras.files); !kept)
    return fail(context, ExitCode::RunFailed, {kept.error()});
  if (auto written = write_run_folder(folder, experiment, results, extras); !written)
    return fail(context, ExitCode::RunFailed, {written.error()});
  report::print_comparison(context.out, results, {context.width, context.color});
  context.out << '\n' << frames_table(outcome.runs);
  if (!options.quiet) context.out << "\nreport: " << (folder / "report.html").string() << '\n';
  const ExitCode code = exit_code(outcome);
  if (code != ExitCode::Ok) {
    if (!outcome.failed.empty()) fail(context, code, {"railyard-lab: " + outcome.failed});
    return code;
  }
  const auto unmet = check_expectations(experiment.played, results).unmet;
  return fail(context, unmet.empty() ? ExitCode::Ok : ExitCode::Unmet, unmet);
}

ExitCode run(Context& context, Options options) {
  if (options.repetitions)
    options.lab.experiment.overrides.push_back(fmt::format("seeds={}", *options.repetitions));
  for (const std::string& fault : options.faults) {
    const size_t equals = fault.find('=');
    if (equals == std::string::npos)
      return fail(context, ExitCode::Usage, {fmt::format("--fault {}: write NAME=VALUE", fault)});
    options.experiment.plan.faults.emplace_back(fault.substr(0, equals), fault.substr(equals + 1));
  }
  const auto experiment = prepare_lab(options.lab);
  if (!experiment) return fail(context, ExitCode::Usage, experiment.error());
  for (const std::string& warning : experiment->warnings) context.err << "warning: " << warning << '\n';
  report::RunSet results =
      empty_run_set(*experiment, fmt::format("railyard lab {}", fmt::join(context.arguments, " ")));
  const auto folder = choose_folder(options.output, results.scenario, results.configuration_hash);
  if (!folder) return fail(context, ExitCode::Usage, {folder.error()});

  auto players = connect_lab(experiment->scenario, options.lab);
  if (!players) return fail(context, ExitCode::Usage, {players.error()});
  const CheckReport report = check_players(experiment->played, experiment->inputs.front(), *players);
  for (const std::string& warning : report.warnings) context.err << "warning: " << warning << '\n';
  if (!report.errors.empty()) return fail(context, ExitCode::RunFailed, report.errors);

  options.experiment.ssh = options.lab.ssh;
  catch_interrupts();
  const LabProof proof = prove_lab(*experiment, *players, options.lab.ssh, context.interrupted);
  for (const std::string& warning : proof.warnings) context.err << "warning: " << warning << '\n';
  if (!proof.errors.empty())
    return fail(context, context.interrupted ? ExitCode::Interrupted : ExitCode::RunFailed, proof.errors);
  results.cautions = proof.cautions;
  LabOutcome outcome;
  {
    LiveTable table(context.err, live_style(context, options), context.width);
    outcome = play_all(*experiment, *players, options.experiment, context.interrupted, table, results);
  }
  if (!outcome.runs.empty())
    return write_and_report(context, options, *experiment, *folder, *players, outcome, proof, results);
  if (outcome.interrupted)
    return fail(context, ExitCode::Interrupted, {"interrupted before the first start: nothing was written"});
  return fail(context, ExitCode::RunFailed, {"railyard-lab: " + outcome.failed});
}

}  // namespace

void add_run(CLI::App& app, Subcommands& subcommands) {
  auto options = std::make_shared<Options>();
  CLI::App* sub =
      app.add_subcommand("run", "Play every setting with every seed in the lab, and compare them");
  add_lab_options(*sub, options->lab);
  add_patience(*sub, options->lab);
  add_choice_of_runs(*sub, options->lab.experiment);
  sub->add_option("--repetitions", options->repetitions, "Play each setting so many times, with seeds from 1")
      ->check(CLI::Range(1, 10'000))
      ->type_name("N");
  sub->add_option("-o,--output", options->output, "Run folder; by default runs/<scenario>-<hash>")
      ->type_name("FOLDER");
  sub->add_flag("--pcap", options->experiment.plan.capture,
                "Capture on every player's machine, in its --capture-dir; lab.json's events name the files");
  sub->add_option(
         "--fault", options->faults,
         "Of every soft switch, such as drop=1; in the lab alone: lab.switches[].faults are simulated too")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
  sub->add_flag("-q,--quiet", options->quiet, "Results and errors only");
  subcommands.push_back({sub, [options](Context& context) { return run(context, *options); }});
}

}  // namespace railyard::lab
