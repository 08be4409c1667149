// SPDX-License-Identifier: BSD-3-Clause
// A switch between hosts that send by a script, whatever it tells them.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "traffic/protocol/switching/drop_reason.h"
#include "traffic/protocol/switching/faulty_link.h"
#include "traffic/protocol/switching/switch_settings.h"
#include "traffic/protocol/wire/packet.h"

namespace railyard {

struct SentPacket {
  uint32_t port = 0;
  Packet packet{};  // time: its last bit at the switch; dst: the port it goes to; psn: its number
};

struct SwitchScript {
  SwitchSettings settings;
  std::vector<int64_t> ps_per_byte;  // by port
  Bytes headroom;
  std::vector<SentPacket> packets;  // of each port in order of time
  std::vector<PortFaults> faults;   // by port; empty: none
  uint64_t seed = 1;
};

// A frame that left the switch, and all that there is to tell about it.
struct LeftPacket {
  SimTime at;  // end of its transmission
  bool is_pfc = false;
  uint32_t number = 0;  // psn; of a PFC frame the quanta
  uint32_t enable = 0;  // of a PFC frame
  uint8_t tos = 0;
  bool corrupt = false;
  friend bool operator==(const LeftPacket& a, const LeftPacket& b) {
    return a.at == b.at && a.is_pfc == b.is_pfc && a.number == b.number && a.enable == b.enable &&
           a.tos == b.tos && a.corrupt == b.corrupt;
  }
};

struct SwitchPortResult {
  std::vector<LeftPacket> left;
  std::array<uint64_t, kDropReasons> drops{};
  uint64_t marked = 0, pauses_sent = 0, pauses = 0, max_queue_bytes = 0;
  SimTime paused;
  FaultCounters in, out;
};

// Longer than anything else between host and switch, so that a packet can be sent ahead of its time.
constexpr SimTime kCable = SimTime::microseconds(1);

// Streams of random numbers of the links' faults, by port; marking has stream 0.
constexpr uint64_t kFaultsIn = uint64_t{1} << 32, kFaultsOut = uint64_t{2} << 32;

// The simulator's switch, until `end`.
std::vector<SwitchPortResult> play_switch_in_ns3(const SwitchScript& script, SimTime end);

}  // namespace railyard
