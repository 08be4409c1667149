// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

#include "traffic/fabric/fabric_plan.h"
#include "traffic/fabric/fabric_settings.h"

namespace railyard {

// Each fabric once, however often and by whom it is asked for: large ones take seconds to route.
class Fabrics {
 public:
  // The error is build_fabric()'s.
  tl::expected<std::shared_ptr<const FabricPlan>, std::string> of(const FabricSettings& settings);
  size_t built() const { return built_.size(); }

 private:
  std::vector<std::pair<FabricSettings, std::shared_ptr<const FabricPlan>>> built_;
};

}  // namespace railyard
