// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/trace/scale.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace railyard::trace {
namespace {

uint64_t times(uint64_t value, double factor) {
  constexpr double kMost = 9.2e18;  // within 63 bits
  if (value == 0 || factor == 1) return value;
  const double product = std::min(static_cast<double>(value) * factor, kMost);
  return std::max<uint64_t>(1, static_cast<uint64_t>(std::llround(product)));
}

// The sum of an uneven all-to-all follows its parts, so that both still agree.
void scale_collective(Collective& collective, double factor) {
  collective.set_bytes(times(collective.bytes(), factor));
  if (collective.split_bytes().empty()) return;
  uint64_t sum = 0;
  for (int i = 0; i < collective.split_bytes_size(); ++i) {
    collective.set_split_bytes(i, times(collective.split_bytes(i), factor));
    sum += collective.split_bytes(i);
  }
  collective.set_bytes(sum);
}

}  // namespace

void scale(Trace& trace, const ScaleFactors& factors) {
  for (Rank& rank : *trace.mutable_ranks()) {
    for (Operation& operation : *rank.mutable_operations()) {
      if (operation.has_compute()) {
        Compute& compute = *operation.mutable_compute();
        compute.set_duration_ns(times(compute.duration_ns(), factors.compute));
      } else if (operation.has_collective()) {
        scale_collective(*operation.mutable_collective(), factors.bytes);
      } else if (operation.has_send()) {
        operation.mutable_send()->set_bytes(times(operation.send().bytes(), factors.bytes));
      } else if (operation.has_receive()) {
        operation.mutable_receive()->set_bytes(times(operation.receive().bytes(), factors.bytes));
      }
    }
  }
}

}  // namespace railyard::trace
