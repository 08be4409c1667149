// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/softswitch/forwarding.h"

namespace railyard::lab {

void MacTable::learn(MacKey source, uint16_t port, SimTime now) {
  if (is_multicast(source)) return;
  const auto found = entries_.find(source);
  if (found != entries_.end()) {
    found->second = {port, now};
    return;
  }
  if (entries_.size() >= kCapacity) forget_old(now);
  if (entries_.size() < kCapacity) entries_.emplace(source, Entry{port, now});
}

std::optional<uint16_t> MacTable::find(MacKey destination, SimTime now) const {
  const auto found = entries_.find(destination);
  if (found == entries_.end() || is_old(found->second, now)) return std::nullopt;
  return found->second.port;
}

// Not for every frame of a flood of new addresses: each pass looks at the whole table.
void MacTable::forget_old(SimTime now) {
  constexpr SimTime kBetweenSweeps = SimTime::seconds(1);
  if (now - swept_ < kBetweenSweeps) return;
  swept_ = now;
  for (auto entry = entries_.begin(); entry != entries_.end();)
    entry = is_old(entry->second, now) ? entries_.erase(entry) : std::next(entry);
}

}  // namespace railyard::lab
