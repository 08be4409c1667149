// SPDX-License-Identifier: BSD-3-Clause
// Real time from the processor's time-stamp counter. Its rate is measured against
// CLOCK_MONOTONIC_RAW: what the EAL says of it is rounded to 10 MHz where CPUID does not tell, up to 0.15 %.
#pragma once

#include <rte_cycles.h>

#include <cstdint>

#include "traffic/units/quantity.h"

namespace railyard::lab {

class TscClock {
 public:
  // Takes `window`, by its end the time is 0. An instant of CLOCK_MONOTONIC_RAW is known to some 50 ns, so a
  // window of 100 ms gives the rate to 1 ppm.
  static TscClock calibrate(SimTime window = SimTime::milliseconds(100));

  SimTime now() const { return time_of(rte_rdtsc()); }
  SimTime time_of(uint64_t ticks) const { return epoch_ + scale(static_cast<int64_t>(ticks - epoch_ticks_)); }

  // This clock's time as nanoseconds of CLOCK_MONOTONIC_RAW, which may have run for longer than SimTime's
  // range, and back.
  int64_t to_raw_ns(SimTime time) const { return raw_at_zero_ns_ + floor_ns(time); }
  SimTime from_raw_ns(int64_t ns) const { return SimTime::nanoseconds(ns - raw_at_zero_ns_); }

  struct Error {
    SimTime offset;  // this clock - CLOCK_MONOTONIC_RAW
    double ppm = 0;  // of the rate, against all the time since calibration began
  };
  Error error() const;

  // Takes the rate from all the time since calibration; the time does not jump. No lcore may read meanwhile.
  // Returns what the error was.
  Error recalibrate();

  double ticks_per_second() const;

 private:
  static constexpr int64_t kPicosecondsPerNanosecond = 1'000;
  // Fraction bits of the rate: it is exact to 1e-17, and rates from 16 MHz on fit.
  static constexpr unsigned kFractionBits = 48;

  TscClock() = default;
  void set_rate(uint64_t ticks, int64_t ns);  // that passed together
  static int64_t floor_ns(SimTime time) {
    return time.ps >= 0 ? time.ps / kPicosecondsPerNanosecond
                        : -((-time.ps + kPicosecondsPerNanosecond - 1) / kPicosecondsPerNanosecond);
  }
  SimTime scale(int64_t ticks) const {
    return {static_cast<int64_t>(static_cast<__int128>(ticks) * static_cast<__int128>(ps_per_tick_) >>
                                 kFractionBits)};
  }

  uint64_t ps_per_tick_ = 0;  // times 2^kFractionBits
  uint64_t epoch_ticks_ = 0;
  SimTime epoch_;
  int64_t raw_at_zero_ns_ = 0;
  uint64_t first_ticks_ = 0;  // where the calibration began
  int64_t first_raw_ns_ = 0;
};

}  // namespace railyard::lab
