// SPDX-License-Identifier: GPL-2.0-only
// A node of which only the place in the fabric matters.
#pragma once

#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

#include "ns3-modules/engine/model/datapath-node.h"

namespace railyard {

inline std::vector<uint16_t> ranks_as_numbered(size_t ports) {
  std::vector<uint16_t> ranks(ports);
  std::iota(ranks.begin(), ranks.end(), uint16_t{0});
  return ranks;
}

class IdleNode final : public ns3::DatapathNode {
 public:
  IdleNode(uint32_t id, std::vector<ns3::DatapathPort>&& ports, const std::vector<uint16_t>& ranks)
      : DatapathNode(id, std::move(ports), ranks) {}

  void RunWindow(ns3::WindowContext&) override {}
  void RunEvent(ns3::ReferenceContext&, const ns3::ReferenceEvent&) override {}
};

}  // namespace railyard
