// SPDX-License-Identifier: BSD-3-Clause
// Which of equal-cost ports a flow takes: the same one in every player.
#pragma once

#include <cstdint>

#include "traffic/units/random_stream.h"

namespace railyard {

// Differs per switch, or every tier would split flows alike. `node` is the switch's index in the fabric.
inline uint32_t equal_cost_salt(uint64_t seed, uint32_t node) {
  constexpr uint64_t kStream = uint64_t{3} << 32;  // apart from those that players draw from the same seed
  return RandomStream(seed, kStream + node)();
}

// Below `ports`. `entropy`: the flow's, in this direction (FlowEntropy). [Wellons, "lowbias32" integer hash]
inline uint32_t equal_cost_choice(uint32_t entropy, uint32_t salt, uint32_t ports) {
  uint32_t h = entropy ^ salt;
  h = (h ^ (h >> 16)) * 0x7feb352du;
  h = (h ^ (h >> 15)) * 0x846ca68bu;
  h ^= h >> 16;
  return static_cast<uint32_t>((uint64_t{h} * ports) >> 32);
}

}  // namespace railyard
