// SPDX-License-Identifier: BSD-3-Clause
// What RoCEv2 and pause frames have in common.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace railyard {

using MacAddress = std::array<uint8_t, 6>;

namespace ethernet {
constexpr size_t kHeader = 14;        // two addresses and the type [IEEE 802.3 clause 3.1.1]
constexpr size_t kVlanTag = 4;        // [IEEE 802.1Q clause 9.6]
constexpr size_t kMinimumNoFcs = 60;  // the NIC adds the frame check sequence
constexpr uint16_t kTypeIpv4 = 0x0800;
constexpr uint16_t kTypeIpv6 = 0x86dd;
constexpr uint16_t kTypeVlan = 0x8100;
constexpr uint16_t kTypeMacControl = 0x8808;  // [IEEE 802.3 clause 31.4.1.3]
}  // namespace ethernet

// Why bytes are not a frame that Railyard understands. Counters are kept by these names.
enum class DecodeError : uint8_t {
  Truncated,       // shorter than its own headers say
  WrongEtherType,  // neither IPv4 nor (for pause frames) MAC control
  BadIpHeader,     // not version 4 with 20 bytes of header, or lengths that contradict each other
  BadIpChecksum,
  Fragmented,
  NotUdp,
  WrongUdpPort,         // not 4791
  BadTransportVersion,  // BTH TVer is not 0
  UnsupportedOpcode,
  UnsupportedSyndrome,  // an AETH that is neither ACK nor NAK "PSN sequence error"
  BadPadCount,          // more padding than payload
  BadIcrc,
  UnknownControlOpcode,  // MAC control, but neither PAUSE nor PFC
};

// The enumerator's name in words: "bad ICRC".
std::string_view name_of(DecodeError error);

}  // namespace railyard
