// SPDX-License-Identifier: BSD-3-Clause
// The clock by which a port stamps what it receives, and its stamps in this process's time.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "traffic/units/quantity.h"

struct rte_mbuf;

namespace railyard::lab {

class EthernetPort;
class TscClock;

// Both clocks are read together now and then; in between the stamps' is taken to run evenly.
class StampClock {
 public:
  using Read = std::function<std::optional<uint64_t>()>;  // the clock's ticks; empty: it cannot be read now
  using Now = std::function<SimTime()>;

  // `tick`: 0 where it is not known; it is measured then, and stamps are understood after kBaseline.
  // `ticks_per_stamp`: of a clock that is read more finely than it stamps.
  StampClock(Read read, Now now, SimTime tick, uint64_t ticks_per_stamp = 1)
      : read_(std::move(read)),
        now_(std::move(now)),
        measures_(tick == SimTime{}),
        ps_per_tick_(static_cast<double>(tick.ps)),
        ticks_per_stamp_(ticks_per_stamp) {}

  // Reads both, where that is due.
  void follow(SimTime now);
  // Empty while the clock is not known, and of what cannot be: a stamp from after `now`, or from long before.
  std::optional<SimTime> time_of(uint64_t stamp, SimTime now) const;

  static constexpr SimTime kFollow = SimTime::milliseconds(10);
  static constexpr SimTime kBaseline = SimTime::milliseconds(100);
  static constexpr SimTime kOldest = SimTime::seconds(1);

 private:
  struct Pair {
    uint64_t ticks = 0;
    SimTime at;
  };
  std::optional<Pair> read_both() const;

  Read read_;
  Now now_;
  bool measures_;
  double ps_per_tick_;
  uint64_t ticks_per_stamp_;
  std::optional<Pair> first_, last_;
  SimTime read_again_at_;
};

// Null where the port does not stamp, or its clock cannot be read. The port and `clock` must outlive it.
std::optional<StampClock> stamp_clock_of(const EthernetPort& port, const TscClock& clock);

}  // namespace railyard::lab
