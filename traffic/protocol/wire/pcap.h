// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <ostream>

#include "traffic/units/quantity.h"

namespace railyard {

// Writes Ethernet frames without FCS as a pcap capture with nanosecond timestamps
// [draft-ietf-opsawg-pcap, magic 0xA1B23C4D], little-endian. Picoseconds are cut off.
class PcapWriter {
 public:
  // Writes the file header. The stream must outlive the writer; its state tells whether writing succeeded.
  // `epoch` is where times begin, counted from 1970: too long ago for a SimTime.
  explicit PcapWriter(std::ostream& out, std::chrono::nanoseconds epoch = {});

  void write(SimTime at, const uint8_t* frame, size_t size);

 private:
  void put16(uint16_t value);
  void put32(uint32_t value);

  std::ostream& out_;
  const std::chrono::nanoseconds epoch_;
};

}  // namespace railyard
