// SPDX-License-Identifier: BSD-3-Clause
// Whose turn it is at a NIC: the queue pairs that may send now, in a ring for each egress queue, so that a
// pause of one queue stops no other's. The rings are linked through the queue pairs: no packet costs a scan
// or an allocation.
#pragma once

#include <array>
#include <cstdint>

#include "traffic/units/priority_set.h"

namespace railyard {

class Turn {
 public:
  static constexpr uint32_t kNobody = ~uint32_t{0};

  // Egress queues with somebody in their ring.
  uint32_t queues() const { return queues_; }
  uint32_t front(uint32_t queue) const { return rings_[queue].first; }

  // next_of(index) is the place for a queue pair's link.
  template <class NextOf>
  void push(uint32_t queue, uint32_t index, NextOf next_of) {
    Ring& ring = rings_[queue];
    next_of(index) = kNobody;
    if ((queues_ >> queue & 1) == 0) {
      ring.first = index;
      queues_ |= 1u << queue;
    } else {
      next_of(ring.last) = index;
    }
    ring.last = index;
  }
  template <class NextOf>
  uint32_t pop(uint32_t queue, NextOf next_of) {
    Ring& ring = rings_[queue];
    const uint32_t index = ring.first;
    ring.first = next_of(index);
    if (ring.first == kNobody) queues_ &= ~(1u << queue);
    return index;
  }

 private:
  struct Ring {
    uint32_t first = kNobody;
    uint32_t last = kNobody;
  };

  uint32_t queues_ = 0;
  std::array<Ring, kPriorities> rings_;
};

}  // namespace railyard
