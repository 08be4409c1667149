// SPDX-License-Identifier: BSD-3-Clause
// railyard lab validate, without its command line.
#pragma once

#include <iosfwd>
#include <string>

#include <tl/expected.hpp>

#include "tools/report/report.h"

namespace railyard::validation {

struct ValidateOptions {
  std::string sim, lab;           // run folders
  std::string output;             // folder for validation.json and validation.html; empty: none
  std::string tolerance = "10%";  // or "0.1"
  bool json = false;              // validation.json to standard output instead of the table
};

// "10%", "2.5 %", "0.1"; above 0, at most 1.
tl::expected<double, std::string> parse_tolerance(const std::string& text);

// The process' exit code: 0 simulation and lab agree, 1 they differ, 2 they cannot be compared or nothing
// that decides could be measured.
int validate(const ValidateOptions& options, const report::TerminalStyle& style, std::ostream& out,
             std::ostream& err);

}  // namespace railyard::validation
