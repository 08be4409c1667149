// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/device/stamp_clock.h"

#include <rte_ethdev.h>

#include <ctime>

#include "dpdk-app/device/ethernet_port.h"
#include "dpdk-app/device/tsc_clock.h"
#include "dpdk-app/device/wire_time.h"

namespace railyard::lab {
namespace {

std::optional<uint64_t> wall_clock_ns() {
  constexpr uint64_t kNanosecondsPerSecond = 1'000'000'000;
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return static_cast<uint64_t>(now.tv_sec) * kNanosecondsPerSecond + static_cast<uint64_t>(now.tv_nsec);
}

}  // namespace

std::optional<StampClock::Pair> StampClock::read_both() const {
  const SimTime before = now_();
  const auto ticks = read_();
  const SimTime after = now_();
  if (!ticks) return std::nullopt;
  return Pair{*ticks, SimTime{(before.ps + after.ps) / 2}};
}

void StampClock::follow(SimTime now) {
  if (now < read_again_at_) return;
  read_again_at_ = now + kFollow;
  const auto pair = read_both();
  if (!pair) return;
  last_ = pair;
  if (!first_) first_ = pair;
  if (!measures_ || pair->at - first_->at < kBaseline) return;
  ps_per_tick_ =
      static_cast<double>((pair->at - first_->at).ps) / static_cast<double>(pair->ticks - first_->ticks);
}

std::optional<SimTime> StampClock::time_of(uint64_t stamp, SimTime now) const {
  if (!last_ || ps_per_tick_ == 0) return std::nullopt;
  const auto ticks = static_cast<int64_t>(stamp * ticks_per_stamp_ - last_->ticks);
  const SimTime at = last_->at + SimTime{static_cast<int64_t>(static_cast<double>(ticks) * ps_per_tick_)};
  if (at > now || now - at > kOldest) return std::nullopt;
  return at;
}

std::optional<StampClock> stamp_clock_of(const EthernetPort& port, const TscClock& clock) {
  if (!port.capabilities().receive_timestamps) return std::nullopt;
  const auto now = [&clock] { return clock.now(); };
  if (port.driver() == kPcapDriver) {
    constexpr uint64_t kNanosecondsPerStamp = 1'000;
    return StampClock(wall_clock_ns, now, SimTime::nanoseconds(1), kNanosecondsPerStamp);
  }
  const auto read = [id = port.id()]() -> std::optional<uint64_t> {
    uint64_t ticks = 0;
    if (rte_eth_read_clock(id, &ticks) != 0) return std::nullopt;
    return ticks;
  };
  if (!read()) return std::nullopt;
  return StampClock(read, now, SimTime{});
}

}  // namespace railyard::lab
