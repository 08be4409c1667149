// SPDX-License-Identifier: BSD-3-Clause
// Captures that people have and that are not read here: what they are, and what makes something of them that
// is.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace railyard::trace {

// One sentence on the format of the file; nothing where that is not known either.
std::optional<std::string> unread_format(const std::string& path, std::string_view content);

}  // namespace railyard::trace
