// SPDX-License-Identifier: BSD-3-Clause
// Frames in plain memory, and what a test puts into them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <vector>

#include "dpdk-app/softswitch/frame.h"
#include "traffic/protocol/wire/roce_frame.h"

namespace railyard::lab {

using Bytes8 = std::vector<uint8_t>;

class MemoryStore final : public FrameStore {
 public:
  ~MemoryStore() override {
    for (Bytes8* frame : held_) delete frame;
  }
  FrameHandle add(const Bytes8& bytes) {
    auto* frame = new Bytes8(bytes);
    held_.insert(frame);
    return frame;
  }
  uint8_t* bytes(FrameHandle frame) override { return of(frame).data(); }
  size_t size(FrameHandle frame) override { return of(frame).size(); }
  FrameHandle make(size_t size) override { return full() ? nullptr : add(Bytes8(size)); }
  FrameHandle copy(FrameHandle frame) override { return full() ? nullptr : add(of(frame)); }
  size_t make_room(size_t frames) override { return room_ = std::min(frames, memory); }
  size_t free_frames() const override { return room_ - std::min(room_, held_.size()); }
  void free(FrameHandle frame) override {
    held_.erase(&of(frame));
    delete &of(frame);
  }
  static Bytes8& of(FrameHandle frame) { return *static_cast<Bytes8*>(frame); }
  size_t held() const { return held_.size(); }  // that nobody has freed
  bool full() const { return held_.size() >= room_; }

  size_t memory = kUnlimited;  // frames

 private:
  size_t room_ = kUnlimited;
  std::set<Bytes8*> held_;
};

inline MacAddress mac_of(uint8_t host) {
  return {0x02, 0, 0, 0, 0, host};
}

// A RoCE data frame from host to host.
inline Bytes8 data_frame(uint8_t from, uint8_t to, uint32_t payload, uint8_t tos, uint32_t psn = 0,
                         std::optional<VlanTag> vlan = {}) {
  FlowAddress flow;
  flow.source_mac = mac_of(from);
  flow.destination_mac = mac_of(to);
  flow.source_ip = 0x0a000000u + from;
  flow.destination_ip = 0x0a000000u + to;
  flow.udp_source_port = udp_source_port(0);
  flow.vlan = vlan;
  Packet p{};
  p.kind = PacketKind::Data;
  p.tos = tos;
  p.psn = psn;
  p.frame_bytes = static_cast<uint16_t>(wire::data_frame_bytes(payload, false));
  FrameBody body;
  body.payload_size = payload;
  Bytes8 bytes(p.frame_bytes + ethernet::kVlanTag);
  bytes.resize(encode(p, flow, body, bytes.data(), bytes.size()));
  return bytes;
}

}  // namespace railyard::lab
