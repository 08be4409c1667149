// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/protocol/switching/faulty_link.h"

#include <algorithm>

#include "traffic/protocol/wire/ethernet.h"
#include "traffic/protocol/wire/roce_layout.h"

namespace railyard {

bool FaultyLink::happens(double percent) {
  if (percent <= 0) return false;
  constexpr double kDraws = 4'294'967'296.0;  // 2^32
  return random_() < percent / 100 * kDraws;
}

FaultyLink::Verdict FaultyLink::pass(SimTime at, bool relies_on_fcs) {
  Verdict v;
  v.at = at;
  if (settings_.down || happens(settings_.drop)) {
    ++counters_.dropped;
    v.dropped = true;
    return v;
  }
  v.corrupt = happens(settings_.corrupt);
  if (v.corrupt) {
    ++counters_.corrupted;
    v.corrupt_bit = random_();
    if (relies_on_fcs) {
      ++counters_.dropped;
      v.dropped = true;
      return v;
    }
  }
  v.duplicate = happens(settings_.duplicate);
  counters_.duplicated += v.duplicate ? 1 : 0;
  v.at += settings_.delay;
  if (settings_.jitter > SimTime{})
    v.at += SimTime{static_cast<int64_t>((static_cast<__int128>(settings_.jitter.ps) * random_()) >> 32)};
  if (happens(settings_.reorder)) {
    ++counters_.reordered;
    v.at += settings_.reorder_delay;
    return v;
  }
  v.at = last_ = std::max(v.at, last_);
  return v;
}

void flip_bit(uint8_t* bytes, size_t size, CorruptPart part, uint32_t random) {
  if (size == 0) return;
  constexpr size_t kPayload = ethernet::kHeader + layout::kHeaders;
  const size_t first = part == CorruptPart::Payload ? std::min(kPayload, size - 1) : 0;
  const auto bit = static_cast<size_t>((uint64_t{random} * (8 * (size - first))) >> 32);
  bytes[first + bit / 8] ^= static_cast<uint8_t>(1u << (bit % 8));
}

}  // namespace railyard
