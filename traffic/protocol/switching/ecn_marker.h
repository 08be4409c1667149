// SPDX-License-Identifier: BSD-3-Clause
// WRED as ECN marking: the congestion point. [Zhu et al., SIGCOMM 2015, figure 5; SONiC
// WRED_PROFILE] The queue's length is the instantaneous one, before the frame joins, or what it
// leaves behind (MarkingPoint).
#pragma once

#include <cmath>
#include <cstdint>

namespace railyard {

struct EcnMarker {
  uint64_t minimum = ~uint64_t{0};  // up to this level nothing is marked
  uint64_t maximum = ~uint64_t{0};  // beyond this one everything is
  uint64_t slope = 0;               // probability for each unit between them, in 2^-48

  static EcnMarker from_profile(uint64_t minimum, uint64_t maximum, double probability_percent) {
    EcnMarker m;
    m.minimum = minimum;
    m.maximum = maximum;
    if (maximum > minimum) {
      m.slope = static_cast<uint64_t>(std::ldexp(probability_percent / 100.0, 48) /
                                      static_cast<double>(maximum - minimum));
    }
    return m;
  }

  // random: 32 uniform bits, used only between the thresholds.
  template <class Random>
  bool marks(uint64_t level, Random&& random) const {
    if (__builtin_expect(level <= minimum, 1)) return false;
    if (level > maximum) return true;
    const uint64_t probability = ((level - minimum) * slope) >> 16;  // in 2^-32
    return random() < probability;
  }
};

}  // namespace railyard
