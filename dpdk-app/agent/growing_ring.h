// SPDX-License-Identifier: BSD-3-Clause
// A FIFO in one power-of-two array that grows to the most it ever held: no allocation once a run is under
// way.
#pragma once

#include <cstdint>
#include <vector>

namespace railyard::lab {

template <class T>
class GrowingRing {
 public:
  bool empty() const { return head_ == tail_; }
  const T& front() const { return slots_[head_ & mask()]; }
  void pop() { ++head_; }
  void push(const T& value) {
    if (tail_ - head_ == slots_.size()) grow();
    slots_[tail_++ & mask()] = value;
  }

 private:
  uint32_t mask() const { return static_cast<uint32_t>(slots_.size()) - 1; }
  void grow() {
    constexpr uint32_t kFirstSize = 16;
    std::vector<T> larger(slots_.empty() ? kFirstSize : 2 * slots_.size());
    const uint32_t n = tail_ - head_;
    for (uint32_t i = 0; i < n; ++i) larger[i] = slots_[(head_ + i) & mask()];
    slots_.swap(larger);
    head_ = 0;
    tail_ = n;
  }

  std::vector<T> slots_;
  uint32_t head_ = 0, tail_ = 0;
};

}  // namespace railyard::lab
