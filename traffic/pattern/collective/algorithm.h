// SPDX-License-Identifier: BSD-3-Clause
// The interface of a collective algorithm and the registry of all of them. A new algorithm is one file with
// these four functions and one line in algorithm.cc.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "traffic/pattern/collective/collective.h"

namespace railyard::collective {

struct Algorithm {
  std::string_view name;  // "ring"
  Kind kind;
  uint64_t (*step_count)(const Call&);
  Step (*step)(const Call&, uint64_t index);
  // The most messages that a member may have under way, posted and not acknowledged.
  uint32_t (*window)(const Call&);
  // The members that `me` may send to, in ascending order, without expanding the steps.
  std::vector<uint32_t> (*peers)(const Call&);
};

// Every algorithm; of one kind, the first is the default.
const std::vector<Algorithm>& algorithms();

const Algorithm& default_algorithm(Kind kind);

// Null where no algorithm of that kind has that name.
const Algorithm* find_algorithm(Kind kind, std::string_view name);

}  // namespace railyard::collective
