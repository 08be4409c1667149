// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/protocol/switching/switch_layout.h"

#include <algorithm>

namespace railyard {

std::array<uint8_t, 64> buffer_classes_of(const QosMaps& maps) {
  std::array<uint8_t, 64> classes{};
  for (uint32_t dscp = 0; dscp < classes.size(); ++dscp)
    classes[dscp] = static_cast<uint8_t>(maps.group_of_dscp(dscp) | maps.queue_of_dscp(dscp) << 4);
  return classes;
}

BufferShares buffer_shares_of(const SwitchSettings& settings, const std::vector<Bytes>& headrooms) {
  BufferShares shares;
  for (uint32_t group = 0; group < kPriorities; ++group)
    for (const Bytes headroom : headrooms) {
      const BufferProfile profile = buffer_profile_of(settings, group, headroom);
      if (!profile.lossless) continue;
      ++shares.lossless_groups;
      shares.needed.n += static_cast<uint64_t>(profile.headroom);
    }
  const uint64_t ratio = settings.over_subscribe_ratio;
  shares.headroom.n =
      settings.pool_xoff.n != 0 ? settings.pool_xoff.n : (shares.needed.n + ratio - 1) / ratio;
  const uint64_t reserved = shares.headroom.n + shares.lossless_groups * settings.size.n;
  const uint64_t left = settings.mmu_size.n > reserved ? settings.mmu_size.n - reserved : 0;
  shares.shared.n = std::min(settings.pool_size.n, left);
  shares.missing.n = reserved > settings.mmu_size.n ? reserved - settings.mmu_size.n : 0;
  return shares;
}

BufferPool buffer_pool_of(const SwitchSettings& settings, const std::vector<Bytes>& headrooms) {
  const BufferShares shares = buffer_shares_of(settings, headrooms);
  BufferPool pool;
  pool.size = static_cast<int64_t>(shares.shared.n);
  pool.headroom_size = static_cast<int64_t>(shares.headroom.n);
  return pool;
}

BufferProfile buffer_profile_of(const SwitchSettings& s, uint32_t group, Bytes headroom) {
  BufferProfile profile;
  profile.lossless = s.pfc_enable.has(s.maps.pg_to_pfc[group]);
  if (!profile.lossless) {
    profile.static_limit = static_cast<int32_t>(s.pool_size.n);
    return profile;
  }
  profile.guaranteed = static_cast<int32_t>(s.size.n);
  profile.static_limit = static_cast<int32_t>(s.static_th.n);
  profile.dynamic = DynamicThreshold::from_exponent(s.dynamic_th);
  profile.xon = static_cast<int32_t>(s.xon.n);
  profile.xon_offset = static_cast<int32_t>(s.xon_offset.n);
  // Beyond this a group's bytes would not fit their 32 bits; no buffer is as large.
  constexpr uint64_t kMostHeadroom = 1u << 30;
  profile.headroom = static_cast<int32_t>(std::min(s.xoff.n != 0 ? s.xoff.n : headroom.n, kMostHeadroom));
  return profile;
}

std::array<EcnMarker, kEgressQueues> ecn_markers_of(const SwitchSettings& s, MarkingPoint point) {
  const auto threshold = [&](Bytes bytes) {
    if (s.green_reference_rate.bps == 0) return bytes.n;
    constexpr double kBitPicoseconds = 8e12;
    return static_cast<uint64_t>(static_cast<double>(bytes.n) * kBitPicoseconds /
                                 static_cast<double>(s.green_reference_rate.bps));
  };
  std::array<EcnMarker, kEgressQueues> markers;
  for (uint32_t queue = 0; queue < kPriorities; ++queue) {
    if (!s.ecn || s.ecn_marking_point != point || !s.wred_queues.has(queue)) continue;
    markers[queue] = EcnMarker::from_profile(threshold(s.green_min_threshold),
                                             threshold(s.green_max_threshold), s.green_drop_probability);
  }
  return markers;
}

}  // namespace railyard
