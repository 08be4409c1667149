// SPDX-License-Identifier: BSD-3-Clause
// The transmitter of a port of which several lcores play a queue each: together they send no more than its
// rate, and where they want more, each has its turn.
//
// It is settled once for what a poll sent, not for every frame: that would cost more than the frame. Where
// queues find the link free at the same instant, all of them send, and all wait until what they sent together
// is over.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "traffic/units/quantity.h"

namespace railyard::lab {

class SharedLink {
 public:
  SimTime busy_until() const { return SimTime{busy_until_.load(std::memory_order_acquire)}; }

  // A queue that found the link busy until `found` sent frames until `end`, which take `used`. Returns until
  // when the link is busy.
  SimTime settle(SimTime found, SimTime end, SimTime used) {
    int64_t busy = busy_until_.load(std::memory_order_acquire), next = 0;
    do {
      next = busy == found.ps ? end.ps : std::max(end.ps, busy + used.ps);
    } while (!busy_until_.compare_exchange_weak(busy, next, std::memory_order_acq_rel));
    return SimTime{next};
  }

  // Whether a queue has frames that the link alone holds back.
  void wait(uint32_t queue, bool waits) {
    if (waits)
      waiting_.fetch_or(1u << queue, std::memory_order_acq_rel);
    else
      waiting_.fetch_and(~(1u << queue), std::memory_order_acq_rel);
  }
  // How many queues beside this one wait.
  int64_t others_waiting(uint32_t queue) const {
    return __builtin_popcount(waiting_.load(std::memory_order_acquire) & ~(1u << queue));
  }

 private:
  static constexpr size_t kCacheLine = 64;

  alignas(kCacheLine) std::atomic<int64_t> busy_until_{0};  // picoseconds
  std::atomic<uint32_t> waiting_{0};                        // bit q: queue q waits
};

// A queue's part of it: what NicPort calls around what a poll sends.
class LinkTurn {
 public:
  LinkTurn(SharedLink* link, uint32_t queue) : link_(link), queue_(queue) {}
  bool shared() const { return link_ != nullptr; }

  // When the queue may send.
  SimTime begin() {
    found_ = link_->busy_until();
    return std::max(found_, after_others_);
  }
  // It sent frames until `end`, which take `used`, and has more that waits for the link, or not. Returns when
  // the queue may send again.
  SimTime end(SimTime end, SimTime used, bool waits) {
    if (waits != waits_) link_->wait(queue_, waits_ = waits);
    if (used == SimTime{}) return end;
    const SimTime busy = link_->settle(found_, end, used);
    return after_others_ = busy + SimTime{used.ps * link_->others_waiting(queue_)};
  }

 private:
  SharedLink* const link_;
  const uint32_t queue_;
  SimTime found_;
  SimTime after_others_;  // those that wait may send as much as it did, first
  bool waits_ = false;
};

}  // namespace railyard::lab
