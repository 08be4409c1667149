// SPDX-License-Identifier: GPL-2.0-only
// The subcommands. Each adds itself and its options to the command line, and says what to call when it is
// chosen.
#pragma once

#include <functional>

#include <CLI/CLI.hpp>

#include "tools/railyard/command.h"

namespace railyard {

struct Subcommand {
  CLI::App* app = nullptr;
  std::function<ExitCode(Context&)> run;
};
using Subcommands = std::vector<Subcommand>;

void add_run(CLI::App& app, Subcommands& subcommands);
void add_compare(CLI::App& app, Subcommands& subcommands);
void add_list(CLI::App& app, Subcommands& subcommands);
void add_validate(CLI::App& app, Subcommands& subcommands);
void add_show_config(CLI::App& app, Subcommands& subcommands);
void add_model(CLI::App& app, Subcommands& subcommands);
void add_trace(CLI::App& app, Subcommands& subcommands);
void add_bench(CLI::App& app, Subcommands& subcommands);
void add_lab(CLI::App& app, Subcommands& subcommands);

}  // namespace railyard
