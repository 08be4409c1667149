// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/measurement/run_frames.h"

#include <algorithm>

#include "traffic/protocol/wire/byte_order.h"
#include "traffic/protocol/wire/ethernet.h"
#include "traffic/protocol/wire/roce_frame.h"
#include "traffic/protocol/wire/roce_layout.h"

namespace railyard::lab {

RunFrames::RunFrames(std::vector<uint32_t> addresses) : sparse_(std::move(addresses)) {
  constexpr uint32_t kDense = 1 << 20;  // 128 KiB
  if (sparse_.empty()) return;
  std::sort(sparse_.begin(), sparse_.end());
  lowest_ = sparse_.front();
  const uint32_t span = sparse_.back() - lowest_;
  if (span >= kDense) return;
  dense_.resize(span + 1);
  for (const uint32_t address : sparse_) dense_[address - lowest_] = true;
  sparse_.clear();
}

bool RunFrames::is_address(uint32_t ip) const {
  const uint32_t index = ip - lowest_;
  if (sparse_.empty()) return index < dense_.size() && dense_[index];
  return std::binary_search(sparse_.begin(), sparse_.end(), ip);
}

bool RunFrames::has(const uint8_t* frame, size_t size) const {
  if (size < ethernet::kHeader + layout::kIpHeader + layout::kUdpHeader) return false;
  size_t type = ethernet::kHeader - 2;
  if (load_be16(frame + type) == ethernet::kTypeVlan) type += ethernet::kVlanTag;
  const size_t ip = type + 2, udp = ip + layout::kIpHeader;
  if (size < udp + layout::kUdpHeader || load_be16(frame + type) != ethernet::kTypeIpv4) return false;
  return frame[ip] == layout::kIpVersionAndLength &&
         frame[ip + layout::kIpProtocol] == layout::kIpProtocolUdp &&
         (load_be16(frame + ip + layout::kIpFragment) & layout::kIpFragmentMask) == 0 &&
         load_be16(frame + udp + layout::kUdpDestination) == kRoceUdpPort &&
         is_address(load_be32(frame + ip + layout::kIpSource)) &&
         is_address(load_be32(frame + ip + layout::kIpDestination));
}

}  // namespace railyard::lab
