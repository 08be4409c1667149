// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <iostream>

#include "ns3-modules/replay/model/memory-estimate.h"
#include "tools/railyard/command_line.h"

int main(int argc, char** argv) {
  const char* no_color = std::getenv("NO_COLOR");  // https://no-color.org: set and not empty
  const bool color = no_color == nullptr || *no_color == '\0';
  const auto simulate = [](const railyard::CompiledRun& run, const ns3::ProgressCallback& progress,
                           ns3::SimulationCost& cost) { return ns3::Simulate(run, progress, &cost); };
  const railyard::Terminal terminal{std::cout, std::cerr, isatty(STDERR_FILENO) != 0, color};
  // The first file that a run opens would take its place, and get the table.
  if (fcntl(STDOUT_FILENO, F_GETFD) == -1) {
    std::cerr << "railyard: standard output is closed\n";
    return static_cast<int>(railyard::ExitCode::RunFailed);
  }
  const auto code =
      railyard::run_command_line({argv + 1, argv + argc}, terminal, simulate, ns3::EstimateMemory);
  std::cout.flush();
  if (std::cout || code != railyard::ExitCode::Ok) return static_cast<int>(code);
  std::cerr << "railyard: standard output cannot be written: " << std::strerror(errno) << '\n';
  return static_cast<int>(railyard::ExitCode::RunFailed);
}
