// SPDX-License-Identifier: BSD-3-Clause
// What SwitchSettings become for a datapath.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "traffic/protocol/switching/ecn_marker.h"
#include "traffic/protocol/switching/shared_buffer.h"
#include "traffic/protocol/switching/switch_settings.h"
#include "traffic/protocol/switching/transmitter.h"
#include "traffic/units/priority_set.h"

namespace railyard {

// By DSCP, as Packet::buffer_class: priority group, and egress queue << 4.
std::array<uint8_t, 64> buffer_classes_of(const QosMaps& maps);

// How a switch's buffer is divided. `headrooms` by port: what a lossless group needs there.
struct BufferShares {
  uint32_t lossless_groups = 0;  // of all ports together
  Bytes needed;                  // headroom of all of them at once
  Bytes headroom;                // what they have: pool_xoff, or needed / over_subscribe_ratio
  Bytes shared;                  // pool_size, or what mmu_size leaves beside headroom and guaranteed bytes
  Bytes missing;                 // of mmu_size, where even headroom and guaranteed bytes do not fit
};
BufferShares buffer_shares_of(const SwitchSettings& settings, const std::vector<Bytes>& headrooms);

BufferPool buffer_pool_of(const SwitchSettings& settings, const std::vector<Bytes>& headrooms);

// `headroom` is what the group's link needs; xoff, where it is set, takes its place. A lossy group may fill
// the pool: it is its egress queue that is limited (lossy_dynamic_th).
BufferProfile buffer_profile_of(const SwitchSettings& settings, uint32_t group, Bytes headroom);

// What marks at a point, by egress queue; control frames are not marked. Where thresholds are in proportion
// to a port's rate, they are here in picoseconds that a queue takes to drain, otherwise in bytes.
std::array<EcnMarker, kEgressQueues> ecn_markers_of(const SwitchSettings& settings, MarkingPoint point);

}  // namespace railyard
