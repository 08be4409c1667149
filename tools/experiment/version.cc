// SPDX-License-Identifier: BSD-3-Clause
#include "tools/experiment/version.h"

#include <zlib.h>

#include <fmt/format.h>
#include <google/protobuf/stubs/common.h>
#include <CLI/Version.hpp>
#include <nlohmann/json.hpp>

namespace railyard {

std::string_view version() {
  return RAILYARD_VERSION;
}

std::vector<Library> libraries_in_use() {
  return {{"protobuf", google::protobuf::internal::VersionString(GOOGLE_PROTOBUF_VERSION)},
          {"fmt", fmt::format("{}.{}.{}", FMT_VERSION / 10000, FMT_VERSION / 100 % 100, FMT_VERSION % 100)},
          {"nlohmann-json", fmt::format("{}.{}.{}", NLOHMANN_JSON_VERSION_MAJOR, NLOHMANN_JSON_VERSION_MINOR,
                                        NLOHMANN_JSON_VERSION_PATCH)},
          {"yaml-cpp", RAILYARD_YAML_VERSION},
          {"CLI11", CLI11_VERSION},
          {"zlib", ZLIB_VERSION},
          {"compiler", "g++ " __VERSION__}};
}

}  // namespace railyard
