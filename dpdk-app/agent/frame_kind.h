// SPDX-License-Identifier: BSD-3-Clause
// What a received frame is, as far as that decides who looks at it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "traffic/protocol/wire/ethernet.h"
#include "traffic/protocol/wire/roce_layout.h"

namespace railyard::lab {

enum class FrameKind : uint8_t {
  MacControl,
  Datapath,  // UDP over IPv4, or too short to tell, which is counted there
  Other,     // ARP, ICMP
};

struct FrameLook {
  FrameKind kind = FrameKind::Datapath;
  uint32_t queue_pair = 0;  // to which it goes, if it is RoCEv2
};

inline FrameLook look_at(const uint8_t* frame, size_t size) {
  if (size < ethernet::kHeader) return {};
  size_t ip = ethernet::kHeader;
  uint16_t type = load_be16(frame + ip - 2);
  if (type == ethernet::kTypeVlan && size >= ip + ethernet::kVlanTag) {
    ip += ethernet::kVlanTag;
    type = load_be16(frame + ip - 2);
  }
  if (type == ethernet::kTypeMacControl) return {FrameKind::MacControl};
  if (type != ethernet::kTypeIpv4 || size <= ip + layout::kIpProtocol ||
      frame[ip + layout::kIpProtocol] != layout::kIpProtocolUdp)
    return {FrameKind::Other};
  constexpr size_t kQueuePair = layout::kIpHeader + layout::kUdpHeader + layout::kBthDestinationQp;
  if (size < ip + layout::kHeaders) return {};
  return {FrameKind::Datapath, load_be24(frame + ip + kQueuePair)};
}

}  // namespace railyard::lab
