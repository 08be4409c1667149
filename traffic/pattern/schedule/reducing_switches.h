// SPDX-License-Identifier: BSD-3-Clause
// The switches of a fabric that add up what is sent to them, as far as a schedule must know them.
#pragma once

#include <cstdint>
#include <tuple>
#include <vector>

namespace railyard::schedule {

struct ReducingSwitches {
  // The way to another switch or to a NIC of a host, seen from a switch.
  struct Way {
    uint32_t to = 0;   // switch; of a NIC's: the switch itself
    uint32_t nic = 0;  // of the switch's reducer, beside the port

    friend bool operator==(const Way& a, const Way& b) { return a.to == b.to && a.nic == b.nic; }
  };

  std::vector<uint32_t> first_endpoint;      // by switch: of its reducer
  std::vector<std::vector<Way>> neighbours;  // by switch: each other one once
  std::vector<Way> of_endpoint;  // hosts' endpoints: the switch that it hangs on, and the NIC there

  uint32_t count() const { return static_cast<uint32_t>(neighbours.size()); }

  friend bool operator==(const ReducingSwitches& a, const ReducingSwitches& b) {
    return std::tie(a.first_endpoint, a.neighbours, a.of_endpoint) ==
           std::tie(b.first_endpoint, b.neighbours, b.of_endpoint);
  }
};

}  // namespace railyard::schedule
