// SPDX-License-Identifier: BSD-3-Clause
// Room for the state of algorithms, whose types and sizes only their rows know. Addresses are stable, and
// what is made one after the other lies side by side: a NIC has one, so its queue pairs are together.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace railyard {

class StateArena {
 public:
  StateArena() = default;
  StateArena(StateArena&& other) noexcept
      : blocks_(std::move(other.blocks_)),
        made_(std::move(other.made_)),
        next_(std::exchange(other.next_, nullptr)),
        left_(std::exchange(other.left_, 0)) {}
  StateArena& operator=(StateArena&&) = delete;
  ~StateArena() {
    for (const Made& made : made_) made.destroy(made.at);
  }

  void* make(uint32_t bytes, void (*construct)(void*), void (*destroy)(void*)) {
    const uint32_t room = (bytes + kGrain - (bytes > 0 ? 1 : 0)) / kGrain * kGrain;
    if (room > left_) add_block(room);
    void* const at = next_;
    next_ += room;
    left_ -= room;
    construct(at);
    made_.push_back({at, destroy});
    return at;
  }

 private:
  struct alignas(64) Line {
    std::byte bytes[64];
  };
  struct Made {
    void* at;
    void (*destroy)(void*);
  };
  static constexpr uint32_t kGrain = 16;
  static constexpr uint32_t kBlock = 4096;

  void add_block(uint32_t least) {
    const uint32_t lines = ((least > kBlock ? least : kBlock) + sizeof(Line) - 1) / sizeof(Line);
    blocks_.push_back(std::make_unique<Line[]>(lines));
    next_ = blocks_.back()[0].bytes;
    left_ = lines * static_cast<uint32_t>(sizeof(Line));
  }

  std::vector<std::unique_ptr<Line[]>> blocks_;
  std::vector<Made> made_;
  std::byte* next_ = nullptr;
  uint32_t left_ = 0;
};

}  // namespace railyard
