// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/schedule/schedule.h"

#include <algorithm>
#include <iterator>

namespace railyard::schedule {

const Operation& Schedule::operation(uint32_t number) const {
  const auto after =
      std::upper_bound(ranges.begin(), ranges.end(), number,
                       [](uint32_t n, const OperationRange& range) { return n < range.first; });
  const OperationRange& range = *std::prev(after);
  return operation_of(range, number - range.first);
}

}  // namespace railyard::schedule
