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

CongestionSettings::CongestionSettings(const CongestionSettings& other) {
  for (size_t i = 0; i < other.settings_.size(); ++i)
    settings_.push_back(congestion_algorithms()[i].copy_settings(other.of(i)));
}

CongestionSettings& CongestionSettings::operator=(const CongestionSettings& other) {
  CongestionSettings copy(other);
  return *this = std::move(copy);
}

std::vector<BoundParameter> CongestionSettings::bind(size_t algorithm) {
  return congestion_algorithms()[algorithm].bind_settings(settings_[algorithm].get());
}

tl::expected<void, std::string> CongestionSettings::apply_preset(size_t algorithm, std::string_view name) {
  const CongestionAlgorithm& row = congestion_algorithms()[algorithm];
  std::vector<std::string_view> names;
  for (const CongestionPreset& preset : row.presets) {
    if (preset.name == name) {
      settings_[algorithm] = row.copy_settings(preset.settings.get());
      return {};
    }
    names.push_back(preset.name);
  }
  if (names.empty()) return tl::make_unexpected(fmt::format("'{}': {} has no presets", name, row.name));
  return tl::make_unexpected(
      fmt::format("'{}' is not one of {}{}", name, fmt::join(names, ", "), did_you_mean(name, names)));
}

size_t CongestionSettings::index_of(std::string_view algorithm) {
  return static_cast<size_t>(find_congestion_algorithm(algorithm) - congestion_algorithms().data());
}

}  // namespace railyard
