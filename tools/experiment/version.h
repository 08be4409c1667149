// SPDX-License-Identifier: BSD-3-Clause
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

// What every player is built with, for the manifest; each adds its own.
std::vector<Library> libraries_in_use();

}  // namespace railyard
