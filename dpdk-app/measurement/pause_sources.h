// SPDX-License-Identifier: BSD-3-Clause
// Who paused a port. A pause frame has nothing but a MAC address, and must be obeyed whoever sent it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "traffic/protocol/wire/ethernet.h"

namespace railyard::lab {

struct PauseSource {
  MacAddress mac{};
  uint64_t frames = 0;
};

class PauseSources {
 public:
  void add(const MacAddress& mac) {
    const auto known =
        std::find_if(sources_.begin(), sources_.end(), [&](const PauseSource& s) { return s.mac == mac; });
    if (known != sources_.end())
      ++known->frames;
    else if (sources_.size() < kMost)
      sources_.push_back({mac, 1});
    else
      ++others_;
  }
  void clear() { *this = {}; }

  const std::vector<PauseSource>& sources() const { return sources_; }  // in the order in which they came
  uint64_t others() const { return others_; }  // frames of all for which there was no row

 private:
  static constexpr size_t kMost = 16;  // a forger may change its address with every frame
  std::vector<PauseSource> sources_;
  uint64_t others_ = 0;
};

}  // namespace railyard::lab
