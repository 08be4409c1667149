// SPDX-License-Identifier: BSD-3-Clause
// A cable within this process: rings of frames, which two net_ring ports have in common.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <tl/expected.hpp>

struct rte_ring;

namespace railyard::lab {

class RingLink {
 public:
  // The link of this name, made where no port holds it yet; it goes with its last holder.
  static tl::expected<std::shared_ptr<RingLink>, std::string> hold(const std::string& name, uint16_t queues);
  ~RingLink();
  RingLink(const RingLink&) = delete;
  RingLink& operator=(const RingLink&) = delete;

  // A ring for each queue. What one end sends to `to_a` the other receives.
  const std::vector<rte_ring*>& to_a() const { return to_a_; }
  const std::vector<rte_ring*>& to_b() const { return to_b_; }

 private:
  RingLink() = default;

  std::vector<rte_ring*> to_a_, to_b_;
};

}  // namespace railyard::lab
