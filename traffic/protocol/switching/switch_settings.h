// SPDX-License-Identifier: BSD-3-Clause
// A switch's QoS and buffer settings, as SONiC's tables name them (config_db: DSCP_TO_TC_MAP, BUFFER_PROFILE,
// ...).
#pragma once

#include <array>
#include <cstdint>

#include "traffic/units/priority_set.h"
#include "traffic/units/quantity.h"

namespace railyard {

struct QosMaps {
  std::array<uint8_t, 64> dscp_to_tc{};
  std::array<uint8_t, kPriorities> tc_to_queue{};
  std::array<uint8_t, kPriorities> tc_to_pg{};
  std::array<uint8_t, kPriorities> pfc_to_queue{};  // which queue a received pause stops
  // Which priority a paused priority group names to its peer.
  std::array<uint8_t, kPriorities> pg_to_pfc{};

  // DSCP 8n..8n+7 -> n (as Arista EOS and NVIDIA Cumulus do: 26 -> 3, 48 -> 6), and the identity further on.
  QosMaps();

  uint8_t queue_of_dscp(uint32_t dscp) const { return tc_to_queue[dscp_to_tc[dscp]]; }
  uint8_t group_of_dscp(uint32_t dscp) const { return tc_to_pg[dscp_to_tc[dscp]]; }
};

// Where a frame is marked: by the depth of its queue when it joins, or by what it leaves behind.
enum class MarkingPoint : uint8_t { Enqueue, Dequeue };

struct SwitchSettings {
  // BUFFER_POOL. Defaults: Tomahawk 2 in the T1 role (SONiC, Arista 7260CX3).
  Bytes pool_size = {33'262'528};
  // Shared headroom, in addition to pool_size; 0: the sum of the groups' xoff / over_subscribe_ratio.
  Bytes pool_xoff = {0};
  uint32_t over_subscribe_ratio = 1;
  Bytes mmu_size = {42'228'160};  // all of the above and what is guaranteed; pool_size gives way to headroom
  // BUFFER_PROFILE of the lossless priority groups.
  Bytes size = {1'248};    // guaranteed to each group
  int32_t dynamic_th = 0;  // a group may use 2^n of what is free in the pool
  Bytes static_th = {0};   // not 0: this limit instead of dynamic_th
  Bytes xon = {1'248};     // resume when usage falls to max(xon, limit - xon_offset)
  Bytes xon_offset = {2'496};
  Bytes xoff = {0};  // headroom of a group; 0: what the link needs (headroom.h)
  // BUFFER_PROFILE of the other groups, checked at the egress queue.
  int32_t lossy_dynamic_th = 0;
  // WRED_PROFILE; frames are marked, not dropped.
  bool ecn = true;
  PrioritySet wred_queues = {1u << 3};  // QUEUE: those with this profile
  Bytes green_min_threshold = {5'000};  // DCQCN paper: Kmin 5 kB, Kmax 200 kB, Pmax 1 %
  Bytes green_max_threshold = {200'000};
  double green_drop_probability = 1;  // %, at green_max_threshold; above it every packet is marked
  // Not 0: the rate of the port that the thresholds are for. Others have theirs in proportion.
  BitRate green_reference_rate = {0};
  MarkingPoint ecn_marking_point = MarkingPoint::Enqueue;
  // PORT_QOS_MAP.
  PrioritySet pfc_enable = {1u << 3};
  uint32_t pause_quanta = 65'535;  // of 512 bit times; refreshed when half of it has passed
  QosMaps maps;
  // Time.
  SimTime pipeline_latency = SimTime::nanoseconds(400);  // from a frame's last bit in to its egress queue
  SimTime pfc_response_time = SimTime::nanoseconds(400);
};

}  // namespace railyard
