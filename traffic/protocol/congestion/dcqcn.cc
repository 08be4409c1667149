// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/protocol/congestion/dcqcn.h"

#include "traffic/protocol/congestion/algorithm_row.h"
#include "traffic/protocol/congestion/dcqcn_parameters.h"
#include "traffic/protocol/congestion/dcqcn_presets.h"

namespace railyard {

CongestionAlgorithm dcqcn_algorithm() {
  std::vector<CongestionPreset> presets;
  for (const DcqcnPreset& p : dcqcn_presets()) presets.push_back(preset(p.name, p.help, p.settings));
  return algorithm_row<Dcqcn>("dcqcn", "rates cut by CNPs, which the receiver sends for marked packets",
                              std::move(presets));
}

}  // namespace railyard
