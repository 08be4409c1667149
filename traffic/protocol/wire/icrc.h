// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
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

// ICRCs of packets that end in the same bytes: their own cost nothing again, since a CRC is linear and what
// stands before them is shifted by a table. 4 KiB.
class ConstantPayloadIcrc {
 public:
  // The padded payload, or whatever ends all the packets.
  ConstantPayloadIcrc(const uint8_t* payload, size_t size);

  // Of the packet whose first `headers` bytes, at least 40, are at `ipv4`, and which the payload follows.
  uint32_t icrc(const uint8_t* ipv4, size_t headers) const;

 private:
  static constexpr size_t kBytes = 4;  // of a CRC

  uint32_t of_payload_;
  // What each byte of a CRC becomes when as many zeros follow as the payload has bytes.
  std::array<std::array<uint32_t, 256>, kBytes> shifted_;
};

}  // namespace railyard
