// SPDX-License-Identifier: GPL-2.0-only
// railyard lab: railyard-lab, a program of its own, since it links OpenSSL and this one ns-3.
#pragma once

#include <filesystem>
#include <iosfwd>
#include <string>
#include <vector>

#include "tools/railyard/command.h"

namespace railyard {

// Becomes `program` with these arguments, so that its exit code is ours. Returns only when that cannot be.
ExitCode become_lab(const std::filesystem::path& program, const std::vector<std::string>& arguments,
                    std::ostream& err);

}  // namespace railyard
