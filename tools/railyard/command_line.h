// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "tools/railyard/command.h"

namespace railyard {

struct Terminal {
  std::ostream& out;
  std::ostream& err;
  bool err_is_terminal = false;
  bool color = false;  // NO_COLOR is not set
};

// Runs `railyard` with these arguments (without the program's name).
ExitCode run_command_line(const std::vector<std::string>& arguments, const Terminal& terminal,
                          const Simulate& simulate, const Estimate& estimate);

}  // namespace railyard
