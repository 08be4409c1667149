// SPDX-License-Identifier: BSD-3-Clause
// Trees of switches over the NICs of a group's hosts. A root is a switch that is as near to all of them as
// any; of several, each tree takes the next one, so that groups and lanes share the fabric. A switch that
// would only pass on what one other sends is left out.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "traffic/pattern/schedule/reducing_switches.h"

namespace railyard::schedule {

struct SwitchTree {
  static constexpr uint32_t kRoot = 0xffffffff;
  struct Edge {
    uint32_t parent = kRoot;           // in `switches`
    uint32_t nic = 0, parent_nic = 0;  // of the two ends; a leaf's own is not said here
  };
  std::vector<uint32_t> switches;  // in ReducingSwitches
  std::vector<Edge> edges;         // beside them
  std::vector<Edge> leaves;        // by NIC of the hosts that it was made for
};

class SwitchTrees {
 public:
  // `switches` must outlive it.
  explicit SwitchTrees(const ReducingSwitches& switches) : switches_(switches) {}

  // Over these endpoints, of two hosts at least. The error says that no switch leads to all of them.
  tl::expected<SwitchTree, std::string> next(const std::vector<uint32_t>& endpoints);

 private:
  using Distances = std::vector<uint32_t>;  // by switch
  const Distances& distances_from(uint32_t at);
  tl::expected<uint32_t, std::string> next_root(const std::vector<uint32_t>& leaves);

  const ReducingSwitches& switches_;
  std::map<uint32_t, Distances> distances_;  // that were asked for
  uint32_t laid_ = 0;
};

}  // namespace railyard::schedule
