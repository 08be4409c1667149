// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <utility>

#include "traffic/units/growing_ring.h"
#include "traffic/units/quantity.h"

namespace railyard {

// What is on its way, the next one to arrive in front. Item has a SimTime `at`; items of one instant stay in
// their order.
template <class Item>
class DelayLine : private GrowingRing<Item> {
  using Ring = GrowingRing<Item>;

 public:
  using Ring::empty;
  using Ring::front;
  using Ring::pop;
  using Ring::size;
  // The i-th to arrive.
  const Item& peek(uint32_t i) const { return (*this)[i]; }
  SimTime next() const { return empty() ? SimTime::never() : front().at; }

  // Cheap where it is the last to arrive; one that overtakes others is moved past each of them.
  void push(const Item& item) {
    Ring::push(item);
    for (uint32_t i = size() - 1; i > 0 && (*this)[i - 1].at > item.at; --i)
      std::swap((*this)[i - 1], (*this)[i]);
  }

 private:
  using Ring::operator[];
};

}  // namespace railyard
