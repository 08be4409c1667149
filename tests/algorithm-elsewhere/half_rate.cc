// SPDX-License-Identifier: BSD-3-Clause
#include "half_rate.h"

namespace railyard {

CongestionAlgorithm half_rate_algorithm() {
  return algorithm_row<HalfRate>("half_rate", "a share of line rate",
                                 {preset("quarter", "a quarter of line rate", HalfRateSettings{0.25})});
}

}  // namespace railyard
