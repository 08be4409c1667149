// SPDX-License-Identifier: BSD-3-Clause
// A flow and its packets, for the tests of the wire formats.
#pragma once

#include <cstdint>
#include <vector>

#include "traffic/protocol/wire/packet.h"
#include "traffic/protocol/wire/roce_frame.h"

namespace railyard {

inline FlowAddress example_flow() {
  FlowAddress flow;
  flow.source_mac = {0x02, 0, 0, 0, 0, 0x01};
  flow.destination_mac = {0x02, 0, 0, 0, 0, 0x02};
  flow.source_ip = 0x0a000001;
  flow.destination_ip = 0x0a000102;
  flow.udp_source_port = udp_source_port(0x12345678);
  flow.source_qp = 0x000111;
  flow.destination_qp = 0xabcdef;
  return flow;
}

inline Packet example_data(uint32_t payload, uint8_t flags, uint32_t psn) {
  Packet packet{};
  packet.kind = PacketKind::Data;
  packet.flags = flags;
  packet.psn = psn;
  packet.tos = 26 << 2 | ecn::kEct0;
  packet.frame_bytes =
      static_cast<uint16_t>(wire::data_frame_bytes(payload, (flags & packet_flag::kFirst) != 0));
  return packet;
}

inline Packet example_control(PacketKind kind, uint32_t frame_bytes, uint32_t psn) {
  Packet packet{};
  packet.kind = kind;
  packet.psn = psn;
  packet.tos = 48 << 2;
  packet.frame_bytes = static_cast<uint16_t>(frame_bytes);
  return packet;
}

// What encode() writes; empty where it refuses.
inline std::vector<uint8_t> encoded(const Packet& packet, const FlowAddress& flow, const FrameBody& body) {
  std::vector<uint8_t> frame(16'384);
  frame.resize(encode(packet, flow, body, frame.data(), frame.size()));
  return frame;
}

}  // namespace railyard
