// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string_view>

#include "traffic/pattern/trace/trace.pb.h"

namespace railyard::trace {

// As people write it: "all-reduce".
constexpr std::string_view name_of(CollectiveKind kind) {
  switch (kind) {
    case ALL_REDUCE:
      return "all-reduce";
    case ALL_GATHER:
      return "all-gather";
    case REDUCE_SCATTER:
      return "reduce-scatter";
    case BROADCAST:
      return "broadcast";
    case ALL_TO_ALL:
      return "all-to-all";
    default:
      return "unknown collective";
  }
}

}  // namespace railyard::trace
