// SPDX-License-Identifier: BSD-3-Clause
// The calls that make a device of a port name and bring it up; EthernetPort is what others use.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <tl/expected.hpp>

#include "dpdk-app/device/ethernet_port.h"
#include "dpdk-app/device/port_name.h"
#include "dpdk-app/device/ring_link.h"

namespace railyard::lab {

struct PortRequest {
  std::string name;
  uint16_t queues;
  uint32_t max_frame_bytes;
  rte_mempool* pool;
};

struct Device {
  uint16_t id = 0;
  PortName name;
  uint32_t carries_bytes = 0;  // a frame's, with FCS, as far as the name tells
  std::shared_ptr<RingLink> link;
};

struct DeviceProperties {
  std::string driver;
  PortCapabilities capabilities;
};

// The longest frame, of at most `wanted` bytes, that the port of this name can carry. The error names it.
tl::expected<uint32_t, std::string> carried_frame_bytes(const std::string& port, uint32_t wanted);

// The longest that the port of this name carries by its interface's MTU, up to kLargestPortFrame; `otherwise`
// where there is no interface to ask. The error names the port.
constexpr uint32_t kLargestPortFrame = 16'000;
tl::expected<uint32_t, std::string> own_frame_bytes(const std::string& port, uint32_t otherwise);

// Errors are sentences without the port's name.
tl::expected<Device, std::string> make_device(const PortRequest& request);
tl::expected<DeviceProperties, std::string> set_up_device(const PortRequest& request, const Device& device);
void remove_device(uint16_t id);

// 0, or a negative error number.
int set_priority_flow_control(uint16_t id, uint8_t priority, bool on);

}  // namespace railyard::lab
