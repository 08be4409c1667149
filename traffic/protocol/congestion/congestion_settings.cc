// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/protocol/congestion/congestion_settings.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "traffic/parameter/nearest_name.h"

namespace railyard {

CongestionSettings::CongestionSettings() {
  for (const CongestionAlgorithm& algorithm : congestion_algorithms())
    settings_.push_back(algorithm.default_settings());
}

CongestionSettings::CongestionSettings(const CongestionSettings& other) : CongestionSettings() {
  *this = other;
}

CongestionSettings& CongestionSettings::operator=(const CongestionSettings& other) {
  for (size_t i = 0; i < settings_.size(); ++i)
    congestion_algorithms()[i].assign_settings(settings_[i].get(), other.of(i));
  return *this;
}

std::vector<BoundParameter> CongestionSettings::bind(size_t algorithm) {
  return congestion_algorithms()[algorithm].bind_settings(settings_[algorithm].get());
}

tl::expected<const CongestionPreset*, std::string> CongestionSettings::apply_preset(size_t algorithm,
                                                                                    std::string_view name) {
  const CongestionAlgorithm& row = congestion_algorithms()[algorithm];
  std::vector<std::string_view> names;
  for (const CongestionPreset& preset : row.presets) {
    if (preset.name == name) {
      row.assign_settings(settings_[algorithm].get(), preset.settings.get());
      return &preset;
    }
    names.push_back(preset.name);
  }
  if (names.empty()) return tl::make_unexpected(fmt::format("'{}': {} has no presets", name, row.name));
  return tl::make_unexpected(
      fmt::format("'{}' is not one of {}{}", name, fmt::join(names, ", "), did_you_mean(name, names)));
}

}  // namespace railyard
