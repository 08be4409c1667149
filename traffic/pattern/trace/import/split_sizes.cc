// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/trace/import/split_sizes.h"

#include <algorithm>
#include <numeric>

namespace railyard::trace {

bool set_split_bytes(const std::vector<uint32_t>& splits, Collective& collective) {
  if (std::adjacent_find(splits.begin(), splits.end(), std::not_equal_to<>()) == splits.end()) {
    return splits.empty() || splits.front() != 0;
  }
  const uint64_t sum = std::accumulate(splits.begin(), splits.end(), uint64_t{0});
  // Cumulated, so that rounding neither loses nor adds a byte.
  uint64_t rows = 0;
  uint64_t before = 0;
  for (const uint32_t split : splits) {
    rows += split;
    const auto until = static_cast<uint64_t>(static_cast<unsigned __int128>(collective.bytes()) * rows / sum);
    collective.add_split_bytes(until - before);
    before = until;
  }
  return true;
}

}  // namespace railyard::trace
