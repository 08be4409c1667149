// SPDX-License-Identifier: BSD-3-Clause
// When the NIC itself saw a frame, and when it shall send one. Both in the NIC's own ticks. Only where
// PortCapabilities say that the port has it; no virtual device does.
#pragma once

#include <cstdint>
#include <optional>

struct rte_mbuf;

namespace railyard::lab {

bool register_receive_time();  // both: once a process; EthernetPort does it
bool register_send_time();

std::optional<uint64_t> receive_time(const rte_mbuf* frame);
void set_send_time(rte_mbuf* frame, uint64_t ticks);

}  // namespace railyard::lab
