// SPDX-License-Identifier: BSD-3-Clause
#include <ostream>

#include <fmt/format.h>

#include "dpdk-app/controller/subcommands.h"
#include "tools/experiment/version.h"
#include "tools/manual/manual.h"

namespace railyard::lab {
namespace {

constexpr const char* kDescription =
    "Railyard's lab plays a scenario on real network cards, through railyard-agent and railyard-softswitch.";
constexpr const char* kFooter =
    "Exit codes: 0 ok, 1 a run failed, is incomplete or invalid, 2 usage or configuration, 3 an expectation "
    "was "
    "not met, 130 interrupted.";

}  // namespace

ExitCode fail(Context& context, ExitCode code, const std::vector<std::string>& messages) {
  for (const std::string& message : messages) context.err << message << '\n';
  return code;
}

ExitCode run_lab_command(Context& context) {
  CLI::App app(kDescription, "railyard lab");
  app.footer(kFooter);
  app.require_subcommand(1);
  app.set_version_flag("--version", fmt::format("railyard-lab {}", version()));
  Subcommands subcommands;
  for (const auto& add : {add_check, add_run, add_status, add_validate}) add(app, subcommands);
  add_manual(app);
  try {
    app.parse(std::vector<std::string>(context.arguments.rbegin(), context.arguments.rend()));
  } catch (const CLI::Success& asked_for) {  // --help, --version
    app.exit(asked_for, context.out, context.err);
    return ExitCode::Ok;
  } catch (const CLI::ParseError& error) {
    return fail(context, ExitCode::Usage,
                {fmt::format("railyard lab: {}\nSee railyard lab --help.", error.what())});
  }
  for (const Subcommand& subcommand : subcommands)
    if (subcommand.app->parsed()) return subcommand.run(context);
  return ExitCode::Usage;
}

}  // namespace railyard::lab
