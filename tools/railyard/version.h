// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace railyard {

std::string_view version();

struct Library {
  std::string name;
  std::string version;
};

// What was compiled in, for the manifest.
std::vector<Library> libraries_in_use();

}  // namespace railyard
