// SPDX-License-Identifier: BSD-3-Clause
#include "tools/manual/option_table.h"

#include <CLI/CLI.hpp>
#include <algorithm>

namespace railyard {

std::vector<const CLI::Option*> positionals_of(const CLI::App& app) {
  return app.get_options([](const CLI::Option* o) { return !o->get_group().empty() && o->get_positional(); });
}

std::vector<const CLI::Option*> options_of(const CLI::App& app) {
  return app.get_options([](const CLI::Option* o) { return !o->get_group().empty() && o->nonpositional(); });
}

std::vector<const CLI::App*> subcommands_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App* sub) { return !sub->get_group().empty(); });
}

std::string program_name(std::string command) {
  std::replace(command.begin(), command.end(), ' ', '-');
  return command;
}

}  // namespace railyard
