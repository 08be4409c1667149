// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/protocol/wire/ethernet.h"

namespace railyard {

std::string_view name_of(DecodeError error) {
  switch (error) {
    case DecodeError::Truncated:
      return "truncated frame";
    case DecodeError::WrongEtherType:
      return "wrong EtherType";
    case DecodeError::BadIpHeader:
      return "bad IPv4 header";
    case DecodeError::BadIpChecksum:
      return "bad IPv4 header checksum";
    case DecodeError::Fragmented:
      return "IPv4 fragment";
    case DecodeError::NotUdp:
      return "not UDP";
    case DecodeError::WrongUdpPort:
      return "not the RoCEv2 UDP port";
    case DecodeError::BadTransportVersion:
      return "bad transport header version";
    case DecodeError::UnsupportedOpcode:
      return "unsupported opcode";
    case DecodeError::UnsupportedSyndrome:
      return "unsupported AETH syndrome";
    case DecodeError::BadPadCount:
      return "bad pad count";
    case DecodeError::BadIcrc:
      return "bad ICRC";
    case DecodeError::UnknownControlOpcode:
      return "unknown MAC control opcode";
  }
  return "unknown error";
}

}  // namespace railyard
