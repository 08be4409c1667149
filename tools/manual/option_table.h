// SPDX-License-Identifier: BSD-3-Clause
// A program's options and commands as --help lists them.
#pragma once

#include <string>
#include <vector>

namespace CLI {  // NOLINT(readability-identifier-naming): CLI11 calls itself so
class App;
class Option;
}  // namespace CLI

namespace railyard {

std::vector<const CLI::Option*> positionals_of(const CLI::App& app);
std::vector<const CLI::Option*> options_of(const CLI::App& app);  // those that begin with a dash
std::vector<const CLI::App*> subcommands_of(const CLI::App& app);

// Of the command `railyard lab`: railyard-lab.
std::string program_name(std::string command);

}  // namespace railyard
