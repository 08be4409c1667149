// SPDX-License-Identifier: BSD-3-Clause
#include "half_rate.h"

namespace railyard {

const std::vector<Parameter<HalfRateSettings>>& parameters_of(const HalfRateSettings*) {
  static const std::vector<Parameter<HalfRateSettings>> rows = {
      {"share", &HalfRateSettings::share, 0.01, 1, "Share of the port's rate", "this test"},
  };
  return rows;
}

}  // namespace railyard
