// SPDX-License-Identifier: BSD-3-Clause
// A trace with other volumes and other computing times, as a faster GPU or a larger model has them.
#pragma once

#include "traffic/pattern/trace/trace.pb.h"

namespace railyard::trace {

struct ScaleFactors {
  double compute = 1;  // of the durations
  double bytes = 1;    // of every message and collective
};

// Rounded to whole nanoseconds and bytes; what had a byte keeps one. Factors are positive.
void scale(Trace& trace, const ScaleFactors& factors);

}  // namespace railyard::trace
