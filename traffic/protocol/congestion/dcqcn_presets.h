// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "traffic/protocol/congestion/dcqcn_settings.h"

namespace railyard {

struct DcqcnPreset {
  std::string_view name;
  std::string_view help;
  DcqcnSettings settings;
  std::vector<std::pair<std::string_view, std::string_view>> switches = {};  // as in CongestionPreset
};

// `dcqcn-paper`: the constants of the SIGCOMM 2015 paper, what DcqcnSettings holds by default.
// `dcqcn-connectx`: what ConnectX adapters ship with [NVIDIA DOCA, DCQCN parameters; mlxconfig].
// `scaled`: the paper's times, with rates and switch thresholds in proportion to the link's rate.
const std::vector<DcqcnPreset>& dcqcn_presets();

std::optional<DcqcnSettings> dcqcn_preset(std::string_view name);

}  // namespace railyard
