// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include <tl/expected.hpp>

namespace railyard::lab {

struct ProcessResult {
  int exit_code = 0;  // 128 + n where signal n ended it
  std::string out, err;
};

// Runs a program, found on PATH, without a shell and without standard input, to its end. The error is that it
// could not be started or took longer than `timeout`; then it was ended.
tl::expected<ProcessResult, std::string> run_process(const std::vector<std::string>& arguments,
                                                     std::chrono::milliseconds timeout);

}  // namespace railyard::lab
