// SPDX-License-Identifier: BSD-3-Clause
// The settings of every algorithm, as a value: what a scenario, a plan and a NIC carry without knowing any of
// them by name.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "traffic/parameter/parameter.h"
#include "traffic/protocol/congestion/algorithm.h"

namespace railyard {

// A copy has settings of its own. What was bound to an object stays bound to it.
class CongestionSettings {
 public:
  CongestionSettings();  // every algorithm's defaults
  CongestionSettings(const CongestionSettings& other);
  CongestionSettings& operator=(const CongestionSettings& other);

  // `algorithm` is an index in congestion_algorithms().
  const void* of(size_t algorithm) const { return settings_[algorithm].get(); }
  // Bound to this object; it must not outlive it.
  std::vector<BoundParameter> bind(size_t algorithm);
  // Gives the preset, whose `switches` are left to the caller. The error names the presets there are.
  tl::expected<const CongestionPreset*, std::string> apply_preset(size_t algorithm, std::string_view name);

  // Of an algorithm whose settings the caller knows to be of type S: tests, mostly.
  template <class S>
  S& get(std::string_view algorithm) {
    return *static_cast<S*>(settings_[index_of_congestion_algorithm(algorithm)].get());
  }
  template <class S>
  const S& get(std::string_view algorithm) const {
    return *static_cast<const S*>(settings_[index_of_congestion_algorithm(algorithm)].get());
  }

 private:
  std::vector<std::shared_ptr<void>> settings_;  // by algorithm
};

}  // namespace railyard
