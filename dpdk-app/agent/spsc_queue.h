// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace railyard::lab {

// From one thread to one other, in order, and never full: whoever pushes cannot wait for whoever takes. It
// allocates a block for every kBlock values.
template <class T>
class SpscQueue {
 public:
  SpscQueue() : taking_(new Block), filling_(taking_) {}
  ~SpscQueue() {
    for (Block* block = taking_; block != nullptr;) {
      Block* const next = block->next;
      delete block;
      block = next;
    }
  }
  SpscQueue(const SpscQueue&) = delete;
  SpscQueue& operator=(const SpscQueue&) = delete;

  void push(const T& value) {
    if (filled_ == kBlock) {
      auto* const block = new Block;
      filling_->next.store(block, std::memory_order_release);
      filling_ = block;
      filled_ = 0;
    }
    filling_->values[filled_] = value;
    filling_->filled.store(++filled_, std::memory_order_release);
  }

  // False where there is nothing.
  bool pop(T& value) {
    if (taken_ == kBlock) {
      Block* const next = taking_->next.load(std::memory_order_acquire);
      if (next == nullptr) return false;
      delete taking_;
      taking_ = next;
      taken_ = 0;
    }
    if (taken_ == taking_->filled.load(std::memory_order_acquire)) return false;
    value = taking_->values[taken_++];
    return true;
  }

 private:
  static constexpr uint32_t kBlock = 256;
  static constexpr size_t kCacheLine = 64;

  struct Block {
    std::array<T, kBlock> values;
    std::atomic<uint32_t> filled{0};
    std::atomic<Block*> next{nullptr};
  };

  Block* taking_;
  uint32_t taken_ = 0;
  alignas(kCacheLine) Block* filling_;
  uint32_t filled_ = 0;
};

}  // namespace railyard::lab
