// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/parameter/file_name.h"

#include <algorithm>

#include <fmt/format.h>

namespace railyard {

std::string name_mistake(std::string_view name) {
  constexpr std::string_view kCharacters =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
  if (name.size() > kLongestName)
    return fmt::format("a name of {} characters is too long: use at most {}", name.size(), kLongestName);
  if (!name.empty() && name.front() != '.' && name.front() != '-' &&
      name.find_first_not_of(kCharacters) == std::string_view::npos)
    return "";
  return fmt::format("'{}' is not a name: use letters, digits, '.', '_' and '-', a letter or digit first",
                     name);
}

std::string port_mistake(std::string_view port) {
  constexpr size_t kLongestPort = 1'024;  // paths and a driver's arguments
  const auto printable = [](char c) { return c >= ' ' && c <= '~'; };
  if (port.size() > kLongestPort)
    return fmt::format("a port of {} characters is too long: use at most {}", port.size(), kLongestPort);
  if (!std::all_of(port.begin(), port.end(), printable))
    return "a port's name has characters that cannot be printed: use those of ASCII";
  return "";
}

}  // namespace railyard
