// SPDX-License-Identifier: BSD-3-Clause
// A learning bridge's table: which port an address was last seen at. One table for all VLANs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>

#include "dpdk-app/softswitch/frame_bytes.h"
#include "traffic/units/quantity.h"

namespace railyard::lab {

class MacTable {
 public:
  // Ageing time: recommended default of IEEE 802.1Q-2018 table 8-6.
  static constexpr SimTime kAgeing = SimTime::seconds(300);
  static constexpr size_t kCapacity = 8'192;  // beyond it addresses are not learned, and their frames flooded

  void learn(MacKey source, uint16_t port, SimTime now);
  // Nothing: flood it.
  std::optional<uint16_t> find(MacKey destination, SimTime now) const;
  size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    uint16_t port;
    SimTime seen;
  };
  static bool is_old(const Entry& entry, SimTime now) { return now - entry.seen > kAgeing; }
  void forget_old(SimTime now);

  std::unordered_map<MacKey, Entry> entries_;
  SimTime swept_;
};

}  // namespace railyard::lab
