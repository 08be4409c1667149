// SPDX-License-Identifier: BSD-3-Clause
// A port's transmitter, as whoever serves its queues sees it. Hosts and switches have the same.
#pragma once

#include <algorithm>
#include <cstdint>

#include "traffic/protocol/wire/packet.h"
#include "traffic/units/priority_set.h"
#include "traffic/units/quantity.h"

namespace railyard {

// The queue of MAC control frames: served first, never paused.
constexpr uint32_t kControlQueue = kPriorities;
constexpr uint32_t kEgressQueues = kPriorities + 1;

struct Transmitter {
  SimTime busy_until;  // when the frame in transmission ends
  int32_t ps_per_byte = 0;
  uint16_t queued = 0;       // bit q: queue q is not empty
  uint16_t paused = 0;       // bit q: queue q must not send
  bool end_awaited = false;  // the end of a transmission will be told

  // Queues that may send.
  uint32_t eligible() const { return queued & static_cast<uint16_t>(~paused); }
  // Nothing waits or is in transmission, and a frame of this queue could be sent.
  bool idle(uint32_t queue, SimTime now) const {
    // One branch: each of these alone would be guessed wrong too often.
    return (queued == 0) & (now >= busy_until) & !end_awaited & (((paused >> queue) & 1) == 0);
  }

  void begin(uint32_t frame_bytes, SimTime now) {
    busy_until = now + serialisation_time(frame_bytes, ps_per_byte);
  }
};

// What a transmitter counts. Frames are counted from destination MAC to FCS.
struct TransmitCounters {
  uint64_t tx_packets = 0;
  uint64_t tx_data_packets = 0;
  uint64_t tx_bytes = 0;
  uint32_t queued_bytes = 0;  // now, in all queues
  uint32_t max_queue_bytes = 0;

  void queue(uint32_t frame_bytes) {
    queued_bytes += frame_bytes;
    max_queue_bytes = std::max(max_queue_bytes, queued_bytes);
  }
  void send(uint32_t frame_bytes, bool is_data) {
    ++tx_packets;
    tx_bytes += frame_bytes;
    tx_data_packets += is_data ? 1 : 0;
  }
};

}  // namespace railyard
