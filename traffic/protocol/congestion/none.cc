// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/protocol/congestion/algorithm_row.h"
#include "traffic/protocol/congestion/line_rate.h"

namespace railyard {

const std::vector<Parameter<LineRate::Settings>>& parameters_of(const LineRate::Settings*) {
  static const std::vector<Parameter<LineRate::Settings>> none;
  return none;
}

CongestionAlgorithm none_algorithm() {
  return algorithm_row<LineRate>("none", "every queue pair sends at line rate, PFC alone holds it back");
}

}  // namespace railyard
