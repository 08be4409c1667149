// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace railyard {

// Bytes of a name. Several of them and a suffix make a file's name, and that may have 255 [Linux, NAME_MAX].
constexpr size_t kLongestName = 100;

// What is wrong with a name, which becomes part of file names and paths; empty where nothing is. Letters are
// those of ASCII, so that no name leads out of its folder or looks like another.
std::string name_mistake(std::string_view name);

// What is wrong with a port's text, which is shown and handed on as it is: that it is longer than any port's,
// or has what is no printable character of ASCII. Empty where nothing is.
std::string port_mistake(std::string_view port);

}  // namespace railyard
