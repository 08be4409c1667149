// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/device/tsc_clock.h"

#include <limits>

#include "dpdk-app/device/raw_clock.h"

namespace railyard::lab {
namespace {

struct Instant {
  uint64_t ticks = 0;
  int64_t raw_ns = 0;
};

// Both clocks at one instant: of several tries the one whose two counter readings lie closest around the
// system call was least disturbed.
Instant read_both() {
  constexpr int kTries = 64;
  Instant best;
  uint64_t shortest = std::numeric_limits<uint64_t>::max();
  for (int i = 0; i < kTries; ++i) {
    const uint64_t before = rte_rdtsc_precise();
    const int64_t raw = raw_clock_ns();
    const uint64_t after = rte_rdtsc_precise();
    if (after - before >= shortest) continue;
    shortest = after - before;
    best = {before + shortest / 2, raw};
  }
  return best;
}

}  // namespace

TscClock TscClock::calibrate(SimTime window) {
  const Instant first = read_both();
  const int64_t end_ns = first.raw_ns + window.ps / kPicosecondsPerNanosecond;
  while (raw_clock_ns() < end_ns) {
  }
  TscClock clock;
  clock.first_ticks_ = first.ticks;
  clock.first_raw_ns_ = first.raw_ns;
  const Instant last = read_both();
  clock.set_rate(last.ticks - first.ticks, last.raw_ns - first.raw_ns);
  clock.epoch_ticks_ = last.ticks;
  clock.raw_at_zero_ns_ = last.raw_ns;
  return clock;
}

void TscClock::set_rate(uint64_t ticks, int64_t ns) {
  const auto ps = static_cast<unsigned __int128>(ns) * kPicosecondsPerNanosecond;
  ps_per_tick_ = static_cast<uint64_t>((ps << kFractionBits) / ticks);
}

TscClock::Error TscClock::error() const {
  const Instant now = read_both();
  Error error;
  error.offset = time_of(now.ticks) - from_raw_ns(now.raw_ns);
  const int64_t elapsed_ns = now.raw_ns - first_raw_ns_;
  const double ps = static_cast<double>(scale(static_cast<int64_t>(now.ticks - first_ticks_)).ps);
  error.ppm = (ps / (static_cast<double>(elapsed_ns) * kPicosecondsPerNanosecond) - 1) * 1e6;
  return error;
}

TscClock::Error TscClock::recalibrate() {
  const Error before = error();
  const Instant now = read_both();
  epoch_ = time_of(now.ticks);
  epoch_ticks_ = now.ticks;
  set_rate(now.ticks - first_ticks_, now.raw_ns - first_raw_ns_);
  raw_at_zero_ns_ = now.raw_ns - floor_ns(epoch_);
  return before;
}

double TscClock::ticks_per_second() const {
  constexpr double kPicosecondsPerSecond = 1e12;
  return kPicosecondsPerSecond /
         (static_cast<double>(ps_per_tick_) / static_cast<double>(uint64_t{1} << kFractionBits));
}

}  // namespace railyard::lab
