// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <utility>

#include "dpdk-app/softswitch/frame.h"
#include "traffic/units/growing_ring.h"

namespace railyard::lab {

// Frames on their way, the next one to arrive in front. Those of one instant stay in their order.
class DelayLine : private GrowingRing<TimedFrame> {
 public:
  using GrowingRing::empty;
  using GrowingRing::pop;
  using GrowingRing::size;
  const Frame& front() const { return GrowingRing::front().frame; }
  // The i-th to arrive.
  const TimedFrame& peek(uint32_t i) const { return (*this)[i]; }
  int64_t next() const { return empty() ? kNeverPs : GrowingRing::front().at; }

  // Cheap where it is the last to arrive; one that overtakes others is moved past each of them.
  void push(const Frame& frame, int64_t at) {
    GrowingRing::push({at, frame});
    for (uint32_t i = size() - 1; i > 0 && (*this)[i - 1].at > at; --i) std::swap((*this)[i - 1], (*this)[i]);
  }
};

}  // namespace railyard::lab
