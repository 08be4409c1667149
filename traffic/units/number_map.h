// SPDX-License-Identifier: BSD-3-Clause
// A hash map from 32-bit numbers to small values in one array: a look costs a line of cache or two. Open
// addressing with linear probing; what is taken out leaves no gap behind [Knuth, TAOCP 3, section 6.4,
// algorithm R].
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace railyard {

// Of all numbers but ~0.
template <class Value>
class NumberMap {
 public:
  // Null where the number is not there; valid until the map changes.
  Value* find(uint32_t number) {
    if (slots_.empty()) return nullptr;
    Slot& slot = slots_[place_of(number)];
    return slot.number == number ? &slot.value : nullptr;
  }
  const Value* find(uint32_t number) const { return const_cast<NumberMap*>(this)->find(number); }

  // The number must not be there.
  void insert(uint32_t number, Value value) {
    if (2 * (size_ + 1) > slots_.size()) grow();
    slots_[place_of(number)] = {number, std::move(value)};
    ++size_;
  }

  // The number must be there.
  void erase(uint32_t number) {
    uint32_t gap = place_of(number);
    slots_[gap].number = kFree;
    for (uint32_t at = next(gap); slots_[at].number != kFree; at = next(at)) {
      const uint32_t home = home_of(slots_[at].number);
      // Between gap and at, going round: it is found where it is.
      if (((at - home) & mask()) < ((at - gap) & mask())) continue;
      slots_[gap] = std::move(slots_[at]);
      slots_[at].number = kFree;
      gap = at;
    }
    --size_;
  }

  uint32_t size() const { return size_; }

  template <class Visit>
  void for_each(Visit visit) const {
    for (const Slot& slot : slots_)
      if (slot.number != kFree) visit(slot.number, slot.value);
  }

 private:
  static constexpr uint32_t kFree = ~uint32_t{0};

  struct Slot {
    uint32_t number = kFree;
    Value value{};
  };

  uint32_t mask() const { return static_cast<uint32_t>(slots_.size()) - 1; }
  uint32_t next(uint32_t place) const { return (place + 1) & mask(); }
  uint32_t home_of(uint32_t number) const {
    const uint32_t hash = number * 2654435769u;  // 2^32 over the golden ratio
    return (hash ^ (hash >> 16)) & mask();
  }
  // Where the number is, or would be put.
  uint32_t place_of(uint32_t number) const {
    uint32_t place = home_of(number);
    while (slots_[place].number != number && slots_[place].number != kFree) place = next(place);
    return place;
  }
  void grow() {
    constexpr size_t kFirst = 16;  // a power of two, as all that follow
    std::vector<Slot> before(slots_.empty() ? kFirst : 2 * slots_.size());
    before.swap(slots_);
    for (Slot& slot : before)
      if (slot.number != kFree) slots_[place_of(slot.number)] = std::move(slot);
  }

  std::vector<Slot> slots_;
  uint32_t size_ = 0;
};

}  // namespace railyard
