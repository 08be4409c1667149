// SPDX-License-Identifier: GPL-2.0-only
// What lies beside this program, wherever it was installed.
#pragma once

#include <filesystem>

namespace railyard {

// railyard-lab, in the same folder.
std::filesystem::path lab_program();

// The scenarios that were installed with it, ../share/railyard/scenarios; in a checkout, where there are
// none, scenarios.
std::filesystem::path shipped_scenarios();

}  // namespace railyard
