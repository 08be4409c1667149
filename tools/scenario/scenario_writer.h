// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tools/scenario/scenario.h"

namespace railyard {

// The scenario with every parameter written out; settings say where they differ. parse_scenario() reads back
// the same.
std::string resolved_yaml(const Scenario& scenario);

// The same for one of its settings alone, whose values become the scenario's own.
std::string resolved_yaml(const Scenario& scenario, const Setting& setting);

// Files of its jobs and its lab by their full paths, for a text that is kept elsewhere than the scenario's
// file.
Scenario with_full_paths(Scenario scenario);

// SHA-256 of resolved_yaml() and of the digests of the jobs' traces, in hexadecimal: a path does not say what
// is in the file.
std::string configuration_hash(const Scenario& scenario, const std::vector<std::string>& trace_digests);

}  // namespace railyard
