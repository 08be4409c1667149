// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

#include "traffic/units/random_stream.h"

namespace railyard {

// What stands for a flow's UDP source ports, from which equal-cost paths are chosen: of its data, and of the
// answers to it.
struct FlowEntropy {
  uint32_t data = 0, answers = 0;
  friend bool operator==(FlowEntropy a, FlowEntropy b) { return a.data == b.data && a.answers == b.answers; }
};

// The same in every player, so that equal hashes spread alike.
inline FlowEntropy flow_entropy(uint64_t seed, uint32_t flow) {
  constexpr uint64_t kStream = uint64_t{4} << 32;  // apart from those that players draw from the same seed
  RandomStream random(seed, kStream + flow);
  FlowEntropy of;
  of.data = random();
  of.answers = random();
  return of;
}

}  // namespace railyard
