// SPDX-License-Identifier: BSD-3-Clause
// A faulty link: says of each frame whether, when and how it gets through. The same rule in every
// player, though not the same frames: each draws from a stream of its own.
#pragma once

#include <cstddef>
#include <cstdint>

#include "traffic/protocol/switching/fault_settings.h"
#include "traffic/units/quantity.h"
#include "traffic/units/random_stream.h"

namespace railyard {

struct FaultCounters {
  uint64_t dropped = 0, corrupted = 0, duplicated = 0, reordered = 0;
  friend bool operator==(const FaultCounters& a, const FaultCounters& b) {
    return a.dropped == b.dropped && a.corrupted == b.corrupted && a.duplicated == b.duplicated &&
           a.reordered == b.reordered;
  }
};

// One direction of a link.
class FaultyLink {
 public:
  struct Verdict {
    bool dropped = false;
    bool corrupt = false;
    bool duplicate = false;    // it arrives twice
    uint32_t corrupt_bit = 0;  // random: which one; for flip_bit()
    SimTime at;                // when it gets through
  };

  explicit FaultyLink(RandomStream random) : random_(random) {}

  void set(const FaultSettings& settings) { settings_ = settings; }
  const FaultSettings& settings() const { return settings_; }
  const FaultCounters& counters() const { return counters_; }
  void reset_counters() { counters_ = {}; }

  // Of a frame that would get through at `at`; frames are told in the order in which they are sent. A corrupt
  // frame goes on, as one does whose bits changed inside of a switch: its ICRC tells the host. One that has
  // no such check, MAC control or ARP, its receiver throws away by its FCS.
  Verdict pass(SimTime at, bool relies_on_fcs);

 private:
  bool happens(double percent);

  FaultSettings settings_;
  RandomStream random_;
  FaultCounters counters_;
  SimTime last_;  // when the last frame got through that was not held back
};

// Flips one bit of a frame, in the part that may be hit.
void flip_bit(uint8_t* bytes, size_t size, CorruptPart part, uint32_t random);

}  // namespace railyard
