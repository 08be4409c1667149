// SPDX-License-Identifier: BSD-3-Clause
// The subcommands of railyard-lab. Each adds itself and its options to the command line, and says what to
// call when it is chosen: one file each.
#pragma once

#include <atomic>
#include <functional>
#include <iosfwd>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

namespace railyard::lab {

// As tools/railyard/command.h has them.
enum class ExitCode : int {
  Ok = 0,
  RunFailed = 1,  // also: a run that is incomplete or invalid
  Usage = 2,
  Unmet = 3,
  Interrupted = 130,
};

struct Context {
  std::ostream& out;
  std::ostream& err;
  bool err_is_terminal = false;
  unsigned width = 80;  // of the terminal
  bool color = false;
  const std::atomic<bool>& interrupted;
  std::vector<std::string> arguments;  // without the program's name
};

struct Subcommand {
  CLI::App* app = nullptr;
  std::function<ExitCode(Context&)> run;
};
using Subcommands = std::vector<Subcommand>;

void add_check(CLI::App& app, Subcommands& subcommands);
void add_run(CLI::App& app, Subcommands& subcommands);
void add_status(CLI::App& app, Subcommands& subcommands);
void add_validate(CLI::App& app, Subcommands& subcommands);

// One line each.
ExitCode fail(Context& context, ExitCode code, const std::vector<std::string>& messages);

// Runs `railyard lab` with the context's arguments.
ExitCode run_lab_command(Context& context);

}  // namespace railyard::lab
