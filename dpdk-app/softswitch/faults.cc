// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/softswitch/faults.h"

#include <algorithm>

#include "traffic/protocol/wire/roce_layout.h"

namespace railyard::lab {

bool FaultyLink::happens(double percent) {
  if (percent <= 0) return false;
  constexpr double kDraws = 4'294'967'296.0;  // 2^32
  return random_() < percent / 100 * kDraws;
}

FaultyLink::Verdict FaultyLink::pass(int64_t at) {
  Verdict v;
  v.at = at;
  if (settings_.down || happens(settings_.drop)) {
    ++counters_.dropped;
    v.dropped = true;
    return v;
  }
  v.corrupt = happens(settings_.corrupt);
  v.duplicate = happens(settings_.duplicate);
  counters_.corrupted += v.corrupt ? 1 : 0;
  counters_.duplicated += v.duplicate ? 1 : 0;
  v.at += settings_.delay.ps;
  if (settings_.jitter.ps > 0) {
    v.at += static_cast<int64_t>((static_cast<__int128>(settings_.jitter.ps) * random_()) >> 32);
  }
  if (happens(settings_.reorder)) {
    ++counters_.reordered;
    v.at += settings_.reorder_delay.ps;
    return v;
  }
  v.at = last_ = std::max(v.at, last_);
  return v;
}

void FaultyLink::corrupt(uint8_t* bytes, size_t size) {
  if (size == 0) return;
  constexpr size_t kPayload = ethernet::kHeader + layout::kHeaders;
  const bool in_payload = settings_.corrupt_part == static_cast<uint32_t>(CorruptPart::Payload);
  const size_t first = in_payload ? std::min(kPayload, size - 1) : 0;
  const uint32_t bit = random_.below(static_cast<uint32_t>(8 * (size - first)));
  bytes[first + bit / 8] ^= static_cast<uint8_t>(1u << (bit % 8));
}

}  // namespace railyard::lab
