// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "traffic/protocol/wire/ethernet.h"
#include "traffic/units/priority_set.h"

namespace railyard::lab {

constexpr size_t kDecodeErrors = static_cast<size_t>(DecodeError::UnknownControlOpcode) + 1;

// What one emulated NIC counted since the run was prepared.
struct NicCounters {
  uint64_t tx_packets = 0, tx_bytes = 0, tx_data_packets = 0;  // destination MAC to FCS
  uint64_t rx_packets = 0, rx_bytes = 0, rx_data_packets = 0;  // decoded, and for a queue pair of ours
  uint64_t ce_seen = 0;                                        // data packets with CE
  uint64_t cnps_sent = 0, cnps_received = 0;
  uint64_t acks_sent = 0, acks_received = 0;
  uint64_t naks_sent = 0, naks_received = 0;
  uint64_t timeouts = 0;
  uint64_t failed_queue_pairs = 0;
  // By the IPv4 identification, which counts a flow's transmissions: what is missing between two that came,
  // and what came behind a later one. A frame that came late is no longer lost.
  uint64_t lost = 0, reordered = 0;
  uint64_t duplicates = 0;         // data that was already here: sent again without need
  uint64_t other_destination = 0;  // another NIC's MAC address: flooded
  uint64_t unknown_queue_pair = 0;
  uint64_t foreign_peer = 0;  // for a queue pair of ours, from an address that is not its peer's
  uint64_t icrc_unchecked = 0;
  uint64_t pfc_frames = 0, link_pause_frames = 0;  // the latter, 802.3x, are not obeyed
  std::array<uint64_t, kPriorities> pauses{};      // received, by priority; refreshes not counted
  std::array<uint64_t, kDecodeErrors> decode_errors{};
  uint64_t debt_forgiven_ps = 0;  // of sending time that a stall took and that was not caught up
};

struct NamedCount {
  std::string name;  // "cnps_sent", "pauses.3", "decode_errors.bad ICRC"
  uint64_t value = 0;
};

std::vector<NamedCount> named(const NicCounters& counters);

// Adds what a further queue of the port counted. Pauses are the port's: every queue counts all of them.
void add_queue(NicCounters& nic, const NicCounters& queue);

}  // namespace railyard::lab
