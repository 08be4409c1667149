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
    case REDUCE:
      return "reduce";
    case GATHER:
      return "gather";
    case SCATTER:
      return "scatter";
    case BARRIER:
      return "barrier";
    default:
      return "unknown collective";
  }
}

// Whether one member is another than the rest: Collective.root.
constexpr bool has_root(CollectiveKind kind) {
  return kind == BROADCAST || kind == REDUCE || kind == GATHER || kind == SCATTER;
}

}  // namespace railyard::trace
