// SPDX-License-Identifier: GPL-2.0-only
#include "tools/railyard/lab_command.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ostream>

#include <fmt/format.h>

#include "tools/railyard/subcommands.h"

namespace railyard {

ExitCode become_lab(const std::filesystem::path& program, const std::vector<std::string>& arguments,
                    std::ostream& err) {
  std::string name = program.string();
  std::vector<std::string> owned = arguments;
  std::vector<char*> argv = {name.data()};
  for (std::string& argument : owned) argv.push_back(argument.data());
  argv.push_back(nullptr);
  err.flush();
  execv(name.c_str(), argv.data());
  err << fmt::format(
      "railyard: the lab's program cannot be started: {}: {}; install package railyard-lab, or build the "
      "target "
      "of that name\n",
      name, std::strerror(errno));
  return ExitCode::RunFailed;
}

// Only for --help: run_command_line() hands `lab` and all that follows over before anything is parsed.
void add_lab(CLI::App& app, Subcommands& subcommands) {
  CLI::App* sub = app.add_subcommand("lab", "Play a scenario on real network cards: check, run, status");
  sub->prefix_command();
  subcommands.push_back({sub, [](Context& context) {
                           return fail(context, ExitCode::Usage,
                                       {"railyard: options of lab follow it: railyard lab --help"});
                         }});
}

}  // namespace railyard
