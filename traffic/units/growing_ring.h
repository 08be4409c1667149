// SPDX-License-Identifier: BSD-3-Clause
// A FIFO in one array that grows to the most it ever held and never shrinks: no allocation once a run is
// under way.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>

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
    if (size() == capacity_) grow();
    slots_[tail_++ & mask()] = value;
  }
  void pop() { ++head_; }

 private:
  uint32_t mask() const { return capacity_ - 1; }
  void grow() {
    const uint32_t n = size(), capacity = capacity_ == 0 ? 2 : 2 * capacity_;
    auto larger = std::make_unique<T[]>(capacity);
    for (uint32_t i = 0; i < n; ++i) larger[i] = (*this)[i];
    slots_ = std::move(larger);
    capacity_ = capacity;
    head_ = 0;
    tail_ = n;
  }

  // Queue pairs and links have one each: a vector would take eight bytes more.
  std::unique_ptr<T[]> slots_;
  uint32_t capacity_ = 0;  // a power of two
  uint32_t head_ = 0, tail_ = 0;
};

}  // namespace railyard
