// SPDX-License-Identifier: BSD-3-Clause
// Which frames are a run's own: every player tells them by the same bytes, so that what one gave to its
// device and what the next took from its own can be compared to the frame.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace railyard::lab {

// RoCEv2 frames between two addresses of the run. What else comes (ARP, a kernel's own frames, other hosts'
// traffic, somebody's forgeries from an address of his own) is foreign. So are fragments, which a run never
// sends: the kernel keeps them back from DPDK's packet sockets, to put them together
// (PACKET_FANOUT_FLAG_DEFRAG).
class RunFrames {
 public:
  RunFrames() = default;  // of no run
  explicit RunFrames(std::vector<uint32_t> addresses);

  // Whatever its checksums say: `size` is without FCS.
  bool has(const uint8_t* frame, size_t size) const;

 private:
  bool is_address(uint32_t ip) const;

  uint32_t lowest_ = 0;
  std::vector<bool> dense_;       // by address from the lowest, where they lie close together
  std::vector<uint32_t> sparse_;  // in order, where they do not
};

}  // namespace railyard::lab
