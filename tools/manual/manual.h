// SPDX-License-Identifier: BSD-3-Clause
// A program's manual page and its completion, made from the table of options that --help shows.
#pragma once

namespace CLI {  // NOLINT(readability-identifier-naming): CLI11 calls itself so
class App;
}

namespace railyard {

// Gives the command line the option --help-as, which --help does not list: `--help-as man` prints the manual
// page in roff, `--help-as bash-completion` what bash is to source. To be called when all options are there.
void add_manual(CLI::App& app);

}  // namespace railyard
