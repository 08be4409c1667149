// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include "tools/manual/option_table.h"

namespace railyard {

// A script for bash. A subcommand that hands over all that follows it (CLI::App::prefix_command) is completed
// as the program of that name is, `railyard lab` as `railyard-lab`; what is neither option nor command, as a
// file name.
std::string bash_completion(const CLI::App& app);

}  // namespace railyard
