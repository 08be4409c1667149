// SPDX-License-Identifier: BSD-3-Clause
// Which rank of a job sits on which host and GPU (and so on which NIC: a fabric says which GPU uses which).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <tl/expected.hpp>

namespace railyard::schedule {

enum class PlacementStrategy : uint8_t {
  Linear,   // fills a host's GPUs before the next host's
  Strided,  // one rank a host, then the second GPU of each
  Random,   // any GPU, drawn from the seed
};

struct Placement {
  PlacementStrategy strategy = PlacementStrategy::Linear;
  std::string hosts;  // "0-7,12": these only, in this order; empty: all
  uint32_t gpus = 0;  // of each host, from the first; 1: one rank a host; 0: all
  uint64_t seed = 1;  // Random
};

struct RankLocation {
  uint32_t host = 0;
  uint32_t gpu = 0;

  friend bool operator==(RankLocation a, RankLocation b) { return a.host == b.host && a.gpu == b.gpu; }
};

// Rank r's location is result[r]; no two ranks share a GPU. Errors: a host or GPU that does not exist, a host
// named twice, more ranks than GPUs.
tl::expected<std::vector<RankLocation>, std::string> place(const Placement& placement, uint32_t rank_count,
                                                           uint32_t host_count, uint32_t gpus_per_host);

}  // namespace railyard::schedule
