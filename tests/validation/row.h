// SPDX-License-Identifier: BSD-3-Clause
// One line of the table in docs/validation.md, so that it can be made again from what the tests print.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <string>

namespace railyard {

// Prints item, reference, ours, difference, tolerance and the test that runs, as a row of a Markdown table.
inline void print_row(const std::string& item, const std::string& reference, const std::string& ours,
                      const std::string& difference, const std::string& tolerance) {
  const testing::TestInfo* test = testing::UnitTest::GetInstance()->current_test_info();
  fmt::print("| {} | {} | {} | {} | {} | `{}.{}` |\n", item, reference, ours, difference, tolerance,
             test->test_suite_name(), test->name());
  std::fflush(stdout);
}

inline std::string relative(double ours, double reference) {
  return fmt::format("{:+.1f} %", 100 * (ours / reference - 1));
}

}  // namespace railyard
