// SPDX-License-Identifier: BSD-3-Clause
// Every key of a scenario file, told in three ways from the same rows.
#pragma once

#include <string>

namespace railyard {

// A line each: "nic.mtu  integer, 64 to 8192, default 4096: help".
std::string parameters_as_text();

// docs/parameters.md.
std::string parameters_as_markdown();

// JSON Schema 2020-12 of a scenario file, for completion and checks in editors.
std::string parameters_as_json_schema();

}  // namespace railyard
