// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <limits>

#include "traffic/pattern/collective/algorithm.h"
#include "traffic/pattern/collective/collective_settings.h"

namespace railyard::collective {

constexpr uint32_t kAllChannels = std::numeric_limits<uint32_t>::max();

// The algorithm and protocol that carry a collective.
struct Way {
  const Algorithm* algorithm;
  Protocol protocol;
  uint32_t channels = kAllChannels;  // of the group's, that carry it at most
};

// As the tuner's table says, the first row that matches and that the group has; else as the settings say;
// where they leave it to NCCL, by its cost model; the default where they ask for in-network reduction and
// nothing reduces for this group.
Way way_of(const CollectiveSettings& settings, Kind kind, uint64_t bytes, const TunedGroup& group);

// Whether the settings choose an algorithm for these lanes, of any kind.
bool may_go_by(const CollectiveSettings& settings, Lanes lanes);

}  // namespace railyard::collective
