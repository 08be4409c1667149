// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "tools/scenario/scenario.h"

namespace railyard {

using Errors = std::vector<std::string>;

// Reads and checks a scenario file. All mistakes are returned, each as "file:line:column: reason".
// `overrides` are values from the command line, such as "nic.mtu=1024", that replace the file's in every
// setting. Captured traces are not opened: job_builder.h does that.
tl::expected<Scenario, Errors> load_scenario(const std::filesystem::path& file,
                                             const std::vector<std::string>& overrides = {});

// The same from text; `file` stands in errors, and relative paths are resolved from its folder.
tl::expected<Scenario, Errors> parse_scenario(const std::string& text, const std::filesystem::path& file,
                                              const std::vector<std::string>& overrides = {});

}  // namespace railyard
