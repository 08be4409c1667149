// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include "tools/manual/option_table.h"

namespace railyard {

// In the roff macros of man(7). A program `railyard lab` has the page railyard-lab.
std::string manual_page(const CLI::App& app);

}  // namespace railyard
