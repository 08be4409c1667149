// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/parameter/file_name.h"

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

}  // namespace railyard
