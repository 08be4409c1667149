// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/protocol/wire/pcap.h"

namespace railyard {
namespace {

constexpr uint32_t kMagicNanoseconds = 0xa1b23c4d;
constexpr uint32_t kSnapLength = 65'535;
constexpr uint32_t kLinkTypeEthernet = 1;
constexpr int64_t kPicosecondsPerNanosecond = 1'000;
constexpr int64_t kNanosecondsPerSecond = 1'000'000'000;

}  // namespace

PcapWriter::PcapWriter(std::ostream& out, std::chrono::nanoseconds epoch) : out_(out), epoch_(epoch) {
  put32(kMagicNanoseconds);
  put16(2);  // version 2.4
  put16(4);
  put32(0);  // two fields that are reserved
  put32(0);
  put32(kSnapLength);
  put32(kLinkTypeEthernet);
}

void PcapWriter::write(SimTime at, const uint8_t* frame, size_t size) {
  const int64_t ns = epoch_.count() + at.ps / kPicosecondsPerNanosecond;
  put32(static_cast<uint32_t>(ns / kNanosecondsPerSecond));
  put32(static_cast<uint32_t>(ns % kNanosecondsPerSecond));
  put32(static_cast<uint32_t>(size));  // captured
  put32(static_cast<uint32_t>(size));  // on the wire
  out_.write(reinterpret_cast<const char*>(frame), static_cast<std::streamsize>(size));
}

void PcapWriter::put16(uint16_t value) {
  const char bytes[] = {static_cast<char>(value), static_cast<char>(value >> 8)};
  out_.write(bytes, sizeof bytes);
}

void PcapWriter::put32(uint32_t value) {
  put16(static_cast<uint16_t>(value));
  put16(static_cast<uint16_t>(value >> 16));
}

}  // namespace railyard
