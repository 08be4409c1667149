// SPDX-License-Identifier: BSD-3-Clause
// What SwitchSettings become for a datapath.
#pragma once

#include <array>
#include <cstdint>

#include "traffic/protocol/switching/ecn_marker.h"
#include "traffic/protocol/switching/shared_buffer.h"
#include "traffic/protocol/switching/switch_settings.h"
#include "traffic/protocol/switching/transmitter.h"
#include "traffic/units/priority_set.h"

namespace railyard {

// By DSCP, as Packet::buffer_class: priority group, and egress queue << 4.
std::array<uint8_t, 64> buffer_classes_of(const QosMaps& maps);

BufferPool buffer_pool_of(const SwitchSettings& settings);

// `headroom` is what the group's link needs; xoff, where it is set, takes its place. A lossy group may fill
// the pool: it is its egress queue that is limited (lossy_dynamic_th).
BufferProfile buffer_profile_of(const SwitchSettings& settings, uint32_t group, Bytes headroom);

// What marks at a point, by egress queue; control frames are not marked.
std::array<EcnMarker, kEgressQueues> ecn_markers_of(const SwitchSettings& settings, MarkingPoint point);

}  // namespace railyard
