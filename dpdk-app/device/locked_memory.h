// SPDX-License-Identifier: BSD-3-Clause
// Packet sockets lock their rings in memory. Without CAP_IPC_LOCK (so in every user namespace) all those of a
// process together must stay below RLIMIT_MEMLOCK, which is 8 MiB by default, or opening a port fails.
#pragma once

#include <cstdint>

namespace railyard::lab {

// How many packet-socket ports this process will open, so that they can share; the EAL's start says it.
void expect_packet_ports(uint32_t count);

// What this process may lock, in bytes; the largest number where nothing limits it.
uint64_t lock_limit();

// How many frames the next such port's receive ring, and likewise its transmit ring, should have.
uint32_t packet_ring_frames(uint16_t queues, uint32_t slot_bytes, uint32_t block_bytes);

}  // namespace railyard::lab
