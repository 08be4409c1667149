// SPDX-License-Identifier: GPL-2.0-only
#include "tools/railyard/installation.h"

#include <system_error>

namespace railyard {
namespace {

std::filesystem::path own_folder() {
  std::error_code ignored;
  return std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path();
}

}  // namespace

std::filesystem::path lab_program() {
  return own_folder() / "railyard-lab";
}

std::filesystem::path shipped_scenarios() {
  std::error_code ignored;
  const auto installed = (own_folder() / "../share/railyard/scenarios").lexically_normal();
  return std::filesystem::is_directory(installed, ignored) ? installed : "scenarios";
}

}  // namespace railyard
