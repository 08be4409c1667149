// SPDX-License-Identifier: BSD-3-Clause
// A faulty link: says of each frame whether, when and how it gets through.
#pragma once

#include <cstdint>
#include <optional>

#include "dpdk-app/softswitch/frame.h"
#include "traffic/protocol/switching/fault_settings.h"
#include "traffic/units/random_stream.h"

namespace railyard::lab {

struct FaultCounters {
  uint64_t dropped = 0, corrupted = 0, duplicated = 0, reordered = 0;
};

class FaultyLink {
 public:
  struct Verdict {
    bool dropped = false;
    bool corrupt = false;
    bool duplicate = false;
    int64_t at = 0;  // when it gets through
  };

  explicit FaultyLink(RandomStream random) : random_(random) {}

  void set(const FaultSettings& settings) { settings_ = settings; }
  const FaultSettings& settings() const { return settings_; }
  const FaultCounters& counters() const { return counters_; }
  void reset_counters() { counters_ = {}; }

  // Of a frame that would get through at `at`.
  Verdict pass(int64_t at);
  // Flips the bit.
  void corrupt(uint8_t* bytes, size_t size);

 private:
  bool happens(double percent);

  FaultSettings settings_;
  RandomStream random_;
  FaultCounters counters_;
  int64_t last_ = 0;  // when the last frame got through that was not held back
};

}  // namespace railyard::lab
