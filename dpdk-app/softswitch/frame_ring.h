// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "dpdk-app/softswitch/frame.h"

namespace railyard::lab {

// First in, first out, in one block that grows by doubling.
template <class T>
class Ring {
 public:
  bool empty() const { return head_ == tail_; }
  size_t size() const { return tail_ - head_; }
  T& front() { return slots_[head_ & mask()]; }
  const T& front() const { return slots_[head_ & mask()]; }
  void pop() { ++head_; }

  void push(const T& value) {
    if (size() == slots_.size()) grow();
    slots_[tail_++ & mask()] = value;
  }

 protected:
  T& at(size_t from_head) { return slots_[(head_ + from_head) & mask()]; }
  const T& at(size_t from_head) const { return slots_[(head_ + from_head) & mask()]; }

 private:
  static constexpr size_t kFirstSize = 64;
  size_t mask() const { return slots_.size() - 1; }

  void grow() {
    std::vector<T> larger(slots_.size() * 2);
    const size_t count = size();
    for (size_t i = 0; i < count; ++i) larger[i] = at(i);
    slots_ = std::move(larger);
    head_ = 0;
    tail_ = count;
  }

  std::vector<T> slots_ = std::vector<T>(kFirstSize);
  size_t head_ = 0, tail_ = 0;
};

// Frames on their way, the next one to arrive in front. Those of one instant stay in their order.
class DelayLine : private Ring<TimedFrame> {
 public:
  using Ring::empty;
  using Ring::pop;
  using Ring::size;
  const Frame& front() const { return Ring::front().frame; }
  // The i-th to arrive.
  const TimedFrame& peek(size_t i) const { return Ring::at(i); }
  int64_t next() const { return empty() ? kNeverPs : Ring::front().at; }

  // Cheap where it is the last to arrive; one that overtakes others is moved past each of them.
  void push(const Frame& frame, int64_t at) {
    Ring::push({at, frame});
    for (size_t i = size() - 1; i > 0 && Ring::at(i - 1).at > at; --i)
      std::swap(Ring::at(i - 1), Ring::at(i));
  }
};

}  // namespace railyard::lab
