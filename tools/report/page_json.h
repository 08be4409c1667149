// SPDX-License-Identifier: BSD-3-Clause
// JSON of the page's charts.
#pragma once

#include <fmt/format.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

namespace railyard::report {

using Json = nlohmann::ordered_json;

// Fewer digits than a double has: enough for a pixel, and a third of the bytes.
inline double rounded(double value) {
  return std::strtod(fmt::format("{:.6g}", value).c_str(), nullptr);
}

inline Json rounded(const std::vector<double>& values) {
  Json out = Json::array();
  for (const double v : values) out.push_back(rounded(v));
  return out;
}

// Null where there is none.
inline Json rounded(const std::vector<std::optional<double>>& values) {
  Json out = Json::array();
  for (const auto& v : values) out.push_back(v ? Json(rounded(*v)) : Json(nullptr));
  return out;
}

}  // namespace railyard::report
