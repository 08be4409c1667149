// SPDX-License-Identifier: BSD-3-Clause
// What a set of runs says, in each form that a reader may want. The same runs give the same bytes, whatever
// the day and the machine. Errors name the file and what the system said.
#pragma once

#include <iosfwd>
#include <string>

#include <tl/expected.hpp>

#include "tools/report/run_set.h"

namespace railyard::report {

struct TerminalStyle {
  unsigned width = 80;  // columns; tables keep within it, down to 60
  bool color = false;
};

// The style that suits standard output: its width when it is a terminal, else COLUMNS, else 80; colour when
// it is a terminal and NO_COLOR (no-color.org) is not set.
TerminalStyle style_of_stdout();

// The comparison table and the verdict in words.
void print_comparison(std::ostream& out, const RunSet& runs, TerminalStyle style);

// comparison.csv, flows.csv, collectives.csv, ports.csv and summary.json in the folder `directory`, which
// exists.
tl::expected<void, std::string> write_tables(const std::string& directory, const RunSet& runs);

// One HTML file that asks for nothing else, neither at hand nor on the network.
tl::expected<void, std::string> write_report(const std::string& path, const RunSet& runs);

}  // namespace railyard::report
