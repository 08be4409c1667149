// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/protocol/congestion/dcqcn.h"

#include "traffic/protocol/congestion/algorithm_row.h"
#include "traffic/protocol/congestion/dcqcn_fluid.h"
#include "traffic/protocol/congestion/dcqcn_parameters.h"
#include "traffic/protocol/congestion/dcqcn_presets.h"

namespace railyard {

CongestionAlgorithm dcqcn_algorithm() {
  std::vector<CongestionPreset> presets;
  for (const DcqcnPreset& p : dcqcn_presets()) {
    presets.push_back(preset(p.name, p.help, p.settings));
    presets.back().switches = p.switches;
  }
  CongestionAlgorithm row = algorithm_row<Dcqcn>(
      "dcqcn", "rates cut by CNPs, which the receiver sends for marked packets", std::move(presets));
  row.forecast = [](const void* settings, const ForecastInput& input) {
    return dcqcn_forecast(*static_cast<const DcqcnSettings*>(settings), input);
  };
  return row;
}

}  // namespace railyard
