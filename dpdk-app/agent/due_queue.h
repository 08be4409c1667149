// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <functional>
#include <queue>
#include <utility>
#include <vector>

#include "traffic/units/quantity.h"

namespace railyard::lab {

// What is due when, earliest first: for timers that are few or far apart. The pacer's are in a timing wheel.
class DueQueue {
 public:
  void insert(SimTime at, uint32_t what) { heap_.push({at, what}); }
  SimTime next() const { return heap_.empty() ? SimTime::never() : heap_.top().first; }

  // Calls due(what, at) for all that is due by `now`; what that inserts waits for the next call.
  template <class Due>
  void advance(SimTime now, Due due) {
    taken_.clear();
    for (; next() <= now; heap_.pop()) taken_.push_back(heap_.top());
    for (const auto& [at, what] : taken_) due(what, at);
  }

 private:
  using Entry = std::pair<SimTime, uint32_t>;
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> heap_;
  std::vector<Entry> taken_;
};

}  // namespace railyard::lab
