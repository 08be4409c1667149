// SPDX-License-Identifier: BSD-3-Clause
// What a switch reads of a frame's bytes, and what it writes into them.
#pragma once

#include <cstddef>
#include <cstdint>

#include "dpdk-app/softswitch/frame.h"

namespace railyard::lab {

// A MAC address as a number, first byte highest.
using MacKey = uint64_t;
constexpr MacKey kMulticastBit = uint64_t{1} << 40;
constexpr bool is_multicast(MacKey mac) {
  return (mac & kMulticastBit) != 0;
}
// 01:80:c2:00:00:00 to 0f: for the neighbour alone, no bridge forwards them [IEEE 802.1Q-2018 table 8-1].
constexpr MacKey kLinkLocal = 0x0180c2000000, kLinkLocalMask = 0xfffffffffff0;
constexpr bool is_link_local(MacKey mac) {
  return (mac & kLinkLocalMask) == kLinkLocal;
}

struct FrameHeader {
  MacKey destination = 0, source = 0;
  uint32_t destination_ip = 0;   // IPv4; 0: none
  uint16_t udp_source_port = 0;  // of RoCE frames, as the queue pair
  uint32_t queue_pair = 0;       // that it is for
  bool is_incomplete = false;    // less than its IPv4 header says: where it is long, the device cut it short
  Frame frame;                   // bytes, tos, is_data; of a PFC frame its quanta
};

constexpr MacAddress mac_address(MacKey key) {
  MacAddress mac{};
  for (size_t i = 0; i < mac.size(); ++i) mac[i] = static_cast<uint8_t>(key >> (8 * (mac.size() - 1 - i)));
  return mac;
}

// `size` is without FCS; frames shorter than Ethernet's minimum (virtual devices do not pad) count as 64
// bytes. Behind one 802.1Q tag the DSCP is found, too. False: shorter than an Ethernet header.
bool read_header(const uint8_t* bytes, size_t size, FrameHeader& header);

// PFC and other pause frames.
bool is_mac_control(const uint8_t* bytes, size_t size);

// Frames without a check of their own, such as pauses and ARP: only the FCS tells that one is corrupt.
bool relies_on_fcs(const uint8_t* bytes, size_t size);

// Sets CE in an IPv4 header, and mends its checksum [RFC 1624, equation 3]: one that was wrong stays wrong.
void write_ce(uint8_t* bytes);

}  // namespace railyard::lab
