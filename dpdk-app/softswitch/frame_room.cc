// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/softswitch/frame_room.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "traffic/protocol/switching/switch_layout.h"

namespace railyard::lab {
namespace {

// Beyond what the buffer holds in full packets: frames of answers, of other hosts, and those that devices
// have.
constexpr size_t kSmallFrames = 16'384;
constexpr size_t kFramesPerPort = 4'096;  // a device's rings for both directions, and a burst

}  // namespace

FrameRoom::FrameRoom(const TrafficManagerSettings& settings, uint32_t packet_bytes, Bytes on_links,
                     FrameStore& store)
    : packet_bytes_(packet_bytes), store_(&store) {
  const SwitchSettings& s = settings.switching;
  for (uint32_t dscp = 0; dscp < is_lossless_.size(); ++dscp) {
    is_lossless_[dscp] = s.pfc_enable.has(s.maps.pg_to_pfc[s.maps.group_of_dscp(dscp)]);
    has_lossless_ |= is_lossless_[dscp];
  }
  std::vector<Bytes> headrooms;
  for (const TrafficManagerPort& port : settings.ports) headrooms.push_back(port.headroom);
  const BufferShares shares = buffer_shares_of(s, headrooms);
  const uint64_t bytes = shares.shared.n + shares.headroom.n + shares.lossless_groups * s.size.n + on_links.n;
  needed_ = bytes / packet_bytes_ + kSmallFrames + kFramesPerPort * settings.ports.size();
  room_ = store.make_room(needed_);
  free_ = store.free_frames();
}

bool FrameRoom::takes(const Frame& frame, const BufferPool& pool) {
  if (!has_lossless_ || is_lossless_[frame.dscp()]) return true;
  const int64_t fillable = pool.size - pool.used + pool.headroom_size - pool.headroom_used;
  const auto reserved = static_cast<size_t>(std::max<int64_t>(fillable, 0)) / packet_bytes_;
  // Where memory is less than the buffer would need, half of it.
  const size_t kept = std::min(reserved, room_ / 2);
  if (free_ > kept) return true;
  if (std::exchange(is_stale_, false)) free_ = store_->free_frames();
  return free_ > kept;
}

}  // namespace railyard::lab
