// SPDX-License-Identifier: BSD-3-Clause
// Frames that a host lost between the wire and a player, by whoever counted them: DPDK's driver, the kernel's
// packet socket, the kernel's interface. A frame may be counted by more than one of them.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace railyard::lab {

struct DeviceLoss {
  std::string counter;   // "rx_missed", "packet_socket", "interface.rx_dropped"
  bool received = true;  // on the way in; false: on the way out
  uint64_t frames = 0;
};

using DeviceLosses = std::vector<DeviceLoss>;

// Of DPDK's port `id`, since it was opened or longer. The same counters in the same order each time.
DeviceLosses device_losses(uint16_t id);
DeviceLosses operator-(DeviceLosses after, const DeviceLosses& before);

// What the kernel driver of that port's interface counts of pauses, as `ethtool -S` shows it:
// "rx_prio3_pause". Nothing where there is no such driver, or it counts none (veth): which is not the same as
// 0.
std::vector<std::pair<std::string, uint64_t>> kernel_pause_counters(uint16_t id);

}  // namespace railyard::lab
