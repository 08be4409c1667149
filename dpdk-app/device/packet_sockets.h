// SPDX-License-Identifier: BSD-3-Clause
// The sockets behind af_packet ports, of which DPDK's driver tells nothing.
#pragma once

#include <cstdint>
#include <vector>

namespace railyard::lab {

// Lets every packet socket of this process have so many bytes under way, or as many as the system allows.
//
// Where a transmit ring holds more than the socket may send (SO_SNDBUF, 208 KiB by default), frames stay in
// the ring when the receiving side is late. Nothing sends them before the next burst; and once the ring is
// full of them, the driver waits in poll() for room that nobody makes: the lcore hangs.
void raise_send_buffers(uint64_t bytes);

// Those of this process that are bound to the interface.
std::vector<int> packet_sockets_of(unsigned interface_index);

// What all of them may have under way.
uint64_t least_send_buffer();

// Frames that found the receive rings of that interface's sockets full, since the process began.
uint64_t packet_socket_drops(unsigned interface);

}  // namespace railyard::lab
