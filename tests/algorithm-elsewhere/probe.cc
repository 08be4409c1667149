// SPDX-License-Identifier: BSD-3-Clause
// Fails unless the table has the other folder's algorithm, behind the tree's own, with settings and a preset.
#include <cstdio>

#include "traffic/protocol/congestion/congestion_settings.h"

using namespace railyard;

namespace {

int failures = 0;

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "not so: %s\n", what);
  ++failures;
}

}  // namespace

int main() {
  const auto& rows = congestion_algorithms();
  require(rows.front().name == "none", "none comes first");
  require(rows.back().name == "half_rate", "the other folder's row comes last");
  if (find_congestion_algorithm("half_rate") == nullptr) return 1;
  const uint32_t index = index_of_congestion_algorithm("half_rate");
  CongestionSettings settings;
  double state = 0;
  const auto rate = [&] {
    return rows[index]
        .sender.start(&state, settings.of(index), {BitRate::gigabits(100), 1024}, SimTime{0})
        .rate_bps;
  };
  require(rate() == 50e9, "it starts at half the line's rate");
  require(settings.apply_preset(index, "quarter").has_value(), "its preset is known");
  require(rate() == 25e9, "its preset is applied");
  require(settings.bind(index).front().set("0.1").has_value(), "its parameter is settable");
  require(rate() == 10e9, "its parameter has an effect");
  return failures == 0 ? 0 : 1;
}
