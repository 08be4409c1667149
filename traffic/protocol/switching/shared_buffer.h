// SPDX-License-Identifier: BSD-3-Clause
// A shared-buffer switch's admission: who may hold how much, and when the sender must stop.
//
// As in SONiC's buffer model: a priority group first uses its guaranteed bytes, then the shared pool up to
// its limit (a share alpha = 2^dynamic_th of what is free [Choudhury and Hahne, "Dynamic queue length
// thresholds", 1998], or a fixed one). A lossless group that exceeds its limit is told to pause and fills its
// headroom meanwhile.
#pragma once

#include <algorithm>
#include <cstdint>

#include "traffic/protocol/switching/drop_reason.h"

namespace railyard {

// alpha = 2^exponent as a multiplication and a shift. SONiC's range is -8 .. 7.
struct DynamicThreshold {
  static constexpr int32_t kMinimum = -8;
  uint32_t times = 1u << -kMinimum;

  static constexpr DynamicThreshold from_exponent(int32_t n) { return {1u << (n - kMinimum)}; }
  constexpr int64_t of(int64_t free) const { return (free * times) >> -kMinimum; }
};

struct BufferPool {
  int64_t size = 0;  // bytes that groups share
  int64_t used = 0;
  int64_t headroom_size = 0;  // shared headroom; 0: only the groups' own limits hold
  int64_t headroom_used = 0;
};

// BUFFER_PROFILE of an ingress priority group. Bytes; narrow, so that a group and its profile share a cache
// line.
struct BufferProfile {
  bool lossless = false;
  DynamicThreshold dynamic;
  int32_t guaranteed = 0;    // "size", without the headroom
  int32_t static_limit = 0;  // not 0: instead of the dynamic one
  int32_t xon = 0;
  int32_t xon_offset = 0;
  int32_t headroom = 0;  // "xoff"

  int64_t limit(const BufferPool& pool) const {
    return static_limit != 0 ? static_limit : dynamic.of(pool.size - pool.used);
  }
};

struct PriorityGroup {
  int32_t used = 0;  // guaranteed and shared bytes
  int32_t headroom_used = 0;
  bool paused = false;  // its sender was told to stop
};

struct Admission {
  bool admitted = true;
  bool pause = false;  // the group must now be paused
  DropReason reason = DropReason::Count;
};

namespace buffer_detail {

// max(used - guaranteed, 0). Which of the two it is changes from frame to frame, so that a branch would be
// guessed wrong.
inline int32_t shared_part(int32_t used, int32_t guaranteed) {
  const int32_t beyond = used - guaranteed;
  return beyond & ~(beyond >> 31);
}

inline Admission admit_to_headroom(BufferPool& pool, PriorityGroup& group, const BufferProfile& profile,
                                   int32_t bytes) {
  const bool group_full = group.headroom_used + bytes > profile.headroom;
  const bool pool_full = pool.headroom_size != 0 && pool.headroom_used + bytes > pool.headroom_size;
  Admission a;
  if (group_full || pool_full) {
    a.admitted = false;
    a.reason = DropReason::HeadroomFull;
    // Resuming takes a frame of the group that leaves: one that holds none would stay paused for ever.
    if (group.used == 0 && group.headroom_used == 0) return a;
  }
  a.pause = !group.paused;
  group.paused = true;
  if (!a.admitted) return a;
  group.headroom_used += bytes;
  pool.headroom_used += bytes;
  return a;
}

}  // namespace buffer_detail

// Whether the guaranteed bytes and the shared pool would take the frame in.
inline bool fits(const BufferPool& pool, const PriorityGroup& group, const BufferProfile& profile,
                 int32_t bytes) {
  const int32_t before = buffer_detail::shared_part(group.used, profile.guaranteed);
  const int32_t after = buffer_detail::shared_part(group.used + bytes, profile.guaranteed);
  return (after == 0) | ((after <= profile.limit(pool)) & (pool.used + after - before <= pool.size));
}

// Accounts for a frame that fits.
inline void hold(BufferPool& pool, PriorityGroup& group, const BufferProfile& profile, int32_t bytes) {
  const int32_t before = buffer_detail::shared_part(group.used, profile.guaranteed);
  group.used += bytes;
  pool.used += buffer_detail::shared_part(group.used, profile.guaranteed) - before;
}

// A frame of `bytes` has come in for this group.
inline Admission admit(BufferPool& pool, PriorityGroup& group, const BufferProfile& profile, int32_t bytes) {
  if (fits(pool, group, profile, bytes)) {
    hold(pool, group, profile, bytes);
    return {};
  }
  if (profile.lossless) return buffer_detail::admit_to_headroom(pool, group, profile, bytes);
  Admission a;
  a.admitted = false;
  a.reason = DropReason::SharedFull;
  return a;
}

// A frame of this group has left. True when the group's sender may resume.
inline bool release(BufferPool& pool, PriorityGroup& group, const BufferProfile& profile, int32_t bytes) {
  if (__builtin_expect(group.headroom_used != 0, 0)) {
    const int32_t from_headroom = std::min(bytes, group.headroom_used);
    group.headroom_used -= from_headroom;
    pool.headroom_used -= from_headroom;
    bytes -= from_headroom;
  }
  const int32_t before = buffer_detail::shared_part(group.used, profile.guaranteed);
  group.used -= bytes;
  pool.used -= before - buffer_detail::shared_part(group.used, profile.guaranteed);
  if (__builtin_expect(!group.paused, 1)) return false;
  if (group.headroom_used != 0) return false;
  if (group.used > std::max<int64_t>(profile.xon, profile.limit(pool) - profile.xon_offset)) return false;
  group.paused = false;
  return true;
}

}  // namespace railyard
