// SPDX-License-Identifier: BSD-3-Clause
// Which flow may send next, for thousands of flows on one core: a timing wheel [Varghese and Lauck, "Hashed
// and Hierarchical Timing Wheels", SOSP 1987]. It is told the time, and how much it may do at once: a loop
// that makes up for a stall without limit starves its receive side.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "traffic/units/quantity.h"

namespace railyard::lab {

// kSlotShift: a slot lasts 2^kSlotShift picoseconds; 18 is 262 ns, at which pacing was as exact as the clock.
// kSlots: the wheel turns once in so many slots; what is due later waits in its last slot and moves on. In a
// slot flows come in the order in which they were put there, so that none starves when all are late.
template <unsigned kSlotShift = 18, uint32_t kSlots = 8'192>
class TimingWheel {
  static_assert((kSlots & (kSlots - 1)) == 0, "the number of slots is a power of two");

 public:
  // For flows 0 .. flows - 1, none of which is scheduled. Times are not negative.
  explicit TimingWheel(uint32_t flows, SimTime now = {})
      : slots_(kSlots), next_(flows, kNone), due_(flows, kIdle), current_(slot_of(now)) {}

  // The flow must not be scheduled. What is due in the past comes at the next poll.
  void schedule(uint32_t flow, SimTime due) {
    due_[flow] = due;
    insert(flow);
    ++scheduled_;
  }

  bool is_scheduled(uint32_t flow) const { return due_[flow] != kIdle; }
  uint32_t scheduled() const { return scheduled_; }

  // Takes out at most `budget` flows that are due by `now`, earliest slot first, and calls
  // fire(flow, due) for each, which may schedule it again. Returns how many. Time must not go back.
  template <typename Fire>
  uint32_t poll(SimTime now, uint32_t budget, Fire&& fire) {
    const int64_t now_slot = slot_of(now);
    uint32_t fired = 0;
    while (scheduled_ != 0 && fired < budget) {
      fired += poll_slot(now, budget - fired, fire);
      if (current_ >= now_slot) break;
      if (slot(current_).head == kNone)
        ++current_;  // else there is more: left over, or late and scheduled anew
    }
    if (scheduled_ == 0) current_ = std::max(current_, now_slot);
    debt_ = current_ < now_slot ? now - start_of(current_) : SimTime{};
    return fired;
  }

  // How far the last poll stayed behind its time for lack of budget; 0 where it did not.
  SimTime debt() const { return debt_; }

  // No flow is due before this time, so that a loop may sleep until then; never where nothing is scheduled.
  // Looks through the slots: not for every turn of a busy loop.
  SimTime next_due() const {
    if (scheduled_ == 0) return SimTime::never();
    int64_t number = current_;
    while (slot(number).head == kNone) ++number;
    SimTime earliest = start_of(number + 1);  // for what waits here only because it lies beyond a turn
    for (uint32_t flow = slot(number).head; flow != kNone; flow = next_[flow]) {
      earliest = std::min(earliest, due_[flow]);
    }
    return earliest;
  }

  static constexpr SimTime slot_time() { return start_of(1); }

 private:
  static constexpr uint32_t kNone = std::numeric_limits<uint32_t>::max();
  static constexpr SimTime kIdle{-1};

  static constexpr int64_t slot_of(SimTime time) { return time.ps >> kSlotShift; }
  static constexpr SimTime start_of(int64_t slot) { return {slot << kSlotShift}; }

  struct Slot {
    uint32_t head = kNone, tail = kNone;
  };

  Slot& slot(int64_t number) { return slots_[static_cast<uint64_t>(number) & (kSlots - 1)]; }
  const Slot& slot(int64_t number) const { return slots_[static_cast<uint64_t>(number) & (kSlots - 1)]; }

  void insert(uint32_t flow) {
    Slot& to = slot(std::clamp(slot_of(due_[flow]), current_, current_ + int64_t{kSlots} - 1));
    next_[flow] = kNone;
    (to.tail == kNone ? to.head : next_[to.tail]) = flow;
    to.tail = flow;
  }

  // The current slot's flows: those whose time has come, as far as the budget goes. The others are put where
  // they belong, which is here again, or further on for those that lay beyond a turn.
  template <typename Fire>
  uint32_t poll_slot(SimTime now, uint32_t budget, Fire& fire) {
    const Slot before = std::exchange(slot(current_), Slot());
    uint32_t fired = 0;
    uint32_t flow = before.head;
    while (flow != kNone && fired < budget) {
      const uint32_t following = next_[flow];
      const SimTime due = due_[flow];
      if (due <= now) {
        due_[flow] = kIdle;
        --scheduled_;
        ++fired;
        fire(flow, due);
      } else {
        insert(flow);
      }
      flow = following;
    }
    if (flow != kNone) put_first(flow, before.tail);
    return fired;
  }

  // What the budget left over stands before what was scheduled meanwhile.
  void put_first(uint32_t first, uint32_t last) {
    Slot& to = slot(current_);
    next_[last] = to.head;
    to.head = first;
    if (to.tail == kNone) to.tail = last;
  }

  std::vector<Slot> slots_;
  std::vector<uint32_t> next_;  // of each flow, in its slot
  std::vector<SimTime> due_;
  int64_t current_ = 0;  // slot; none before it holds a flow
  SimTime debt_;
  uint32_t scheduled_ = 0;
};

}  // namespace railyard::lab
