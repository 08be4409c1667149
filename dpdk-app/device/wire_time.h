// SPDX-License-Identifier: BSD-3-Clause
// When the port itself saw a frame: a stamp of its own clock (stamp_clock.h). Only where PortCapabilities say
// that it has it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

struct rte_mbuf;

namespace railyard::lab {

// Stamps every frame with the kernel's wall clock in microseconds, though it does not name the offload: seen
// with DPDK 22.11.
constexpr std::string_view kPcapDriver = "net_pcap";

bool register_receive_time();  // once a process; EthernetPort does it

std::optional<uint64_t> receive_time(const rte_mbuf* frame);

}  // namespace railyard::lab
