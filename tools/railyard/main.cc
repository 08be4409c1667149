// SPDX-License-Identifier: GPL-2.0-only
#include <unistd.h>

#include <cstdlib>
#include <iostream>

#include "tools/railyard/command_line.h"

int main(int argc, char** argv) {
  const char* no_color = std::getenv("NO_COLOR");  // https://no-color.org: set and not empty
  const bool color = no_color == nullptr || *no_color == '\0';
  const auto simulate = [](const railyard::RunInput& input, const ns3::ProgressCallback& progress,
                           ns3::SimulationCost& cost) { return ns3::Simulate(input, progress, &cost); };
  const railyard::Terminal terminal{std::cout, std::cerr, isatty(STDERR_FILENO) != 0, color};
  return static_cast<int>(railyard::run_command_line({argv + 1, argv + argc}, terminal, simulate));
}
