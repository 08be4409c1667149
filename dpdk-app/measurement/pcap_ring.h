// SPDX-License-Identifier: BSD-3-Clause
// The last frames that passed, in bounded memory, for a capture file when it is asked for or at the end.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "traffic/units/quantity.h"

namespace railyard::lab {

// Written by one thread. Memory is taken at once, so that recording never waits.
class PcapRing {
 public:
  // Keeps what of the newest frames fits into so many bytes, with 16 for each frame.
  explicit PcapRing(Bytes capacity);
  // Of what write() makes of a ring: a file's records have headers as long as the ring's, and it has one.
  static constexpr Bytes largest_file(Bytes capacity) {
    constexpr uint64_t kFileHeader = 24;  // [draft-ietf-opsawg-pcap, 4]
    return {capacity.n + kFileHeader};
  }

  // `at` counts from the epoch that write() is told. A new frame takes the place of the oldest ones; one
  // larger than the whole ring is not kept, and counts as overwritten.
  void record(SimTime at, const uint8_t* frame, size_t size);

  uint64_t kept() const { return kept_; }
  uint64_t overwritten() const { return recorded_ - kept_; }

  // A pcap file with nanoseconds (traffic/protocol/wire/pcap.h), oldest frame first. `epoch` is added to the
  // times: where they began, as time since 1970. The stream's state tells whether writing succeeded.
  void write(std::ostream& out, std::chrono::nanoseconds epoch) const;
  // The file takes its name only when it is whole. The error names it.
  tl::expected<void, std::string> write(const std::string& path, std::chrono::nanoseconds epoch) const;

 private:
  struct Header {
    SimTime at;
    uint64_t size;
  };

  void put(const void* bytes, size_t size);
  void get(uint64_t position, void* bytes, size_t size) const;
  void forget_oldest();

  std::vector<uint8_t> bytes_;
  uint64_t begin_ = 0, end_ = 0;  // positions ever counted up; modulo the size they are places
  uint64_t kept_ = 0, recorded_ = 0;
};

}  // namespace railyard::lab
