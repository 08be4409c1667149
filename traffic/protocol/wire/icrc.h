// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>

namespace railyard {

// The invariant CRC of a RoCEv2 packet over IPv4 without options [IBTA annex A17.3.3, volume 1
// section 7.8.1]: CRC-32 as Ethernet's, over eight bytes of ones (in place of the LRH), then IPv4 header to
// the end of the padded payload with the fields that a router or switch may change read as ones: type of
// service, time to live, header checksum, UDP checksum, and the BTH byte that holds FECN and BECN. `ipv4` is
// the IPv4 header's first byte, `size` the packet's length without the ICRC, at least 40 bytes. On the wire
// the result stands least significant byte first.
uint32_t icrc(const uint8_t* ipv4, size_t size);

}  // namespace railyard
