// SPDX-License-Identifier: BSD-3-Clause
// A FIFO in one array that grows to the most it ever held and never shrinks: no allocation once a run is
// under way.
#pragma once

#include <cstdint>
#include <vector>

namespace railyard {

template <class T>
class GrowingRing {
 public:
  bool empty() const { return head_ == tail_; }
  uint32_t size() const { return tail_ - head_; }
  // From the front.
  T& operator[](uint32_t i) { return slots_[(head_ + i) & mask()]; }
  const T& operator[](uint32_t i) const { return slots_[(head_ + i) & mask()]; }
  T& front() { return (*this)[0]; }
  const T& front() const { return (*this)[0]; }

  void push(const T& value) {
    if (size() == slots_.size()) grow();
    slots_[tail_++ & mask()] = value;
  }
  void pop() { ++head_; }

 private:
  uint32_t mask() const { return static_cast<uint32_t>(slots_.size()) - 1; }
  void grow() {
    std::vector<T> larger(slots_.empty() ? 2 : 2 * slots_.size());
    const uint32_t n = size();
    for (uint32_t i = 0; i < n; ++i) larger[i] = (*this)[i];
    slots_.swap(larger);
    head_ = 0;
    tail_ = n;
  }

  std::vector<T> slots_;
  uint32_t head_ = 0, tail_ = 0;
};

}  // namespace railyard
