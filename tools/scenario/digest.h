// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <string_view>

namespace railyard {

// SHA-256 in hexadecimal.
std::string sha256(std::string_view bytes);

}  // namespace railyard
