// SPDX-License-Identifier: BSD-3-Clause
#include <unistd.h>

#include <cstdlib>
#include <iostream>

#include "dpdk-app/controller/interrupt.h"
#include "dpdk-app/controller/subcommands.h"
#include "tools/report/report.h"

int main(int argc, char** argv) {
  using namespace railyard;
  const report::TerminalStyle style = report::style_of_stdout();
  lab::Context context{std::cout,   std::cerr,           isatty(STDERR_FILENO) != 0, style.width,
                       style.color, lab::interruption(), {argv + 1, argv + argc}};
  return static_cast<int>(lab::run_lab_command(context));
}
