// SPDX-License-Identifier: BSD-3-Clause
// Which rank of a job sits on which host and GPU (and so on which NIC: a fabric says which GPU uses which).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <tl/expected.hpp>

namespace railyard::schedule {

enum class PlacementStrategy : uint8_t {
  Linear,         // fills a host's GPUs before the next host's, whoever else is there
  Strided,        // one rank a host, then the second GPU of each, whoever else is there
  Random,         // any free GPU, drawn from the seed
  Packed,         // free GPUs, host after host
  Spread,         // one free GPU of a host, then of one on the next leaf: as widely as can be
  RailAligned,    // free GPUs beside the first NIC of every host, then beside the second: on few rails
  TopologyAware,  // free GPUs on one leaf where they suffice, else in one pod, on as few leaves as can be
};

struct RankLocation {
  uint32_t host = 0;
  uint32_t gpu = 0;

  friend bool operator==(RankLocation a, RankLocation b) { return a.host == b.host && a.gpu == b.gpu; }
};

struct Placement {
  PlacementStrategy strategy = PlacementStrategy::Linear;
  std::string hosts;  // "0-7,12": these only, in this order; empty: all
  uint32_t gpus = 0;  // of each host, from the first; 1: one rank a host; 0: all
  uint64_t seed = 1;  // Random
  // "3:0,3:2,4:0-7": host and GPUs of each rank, one by one; the above does not count then. Empty: by the
  // above.
  std::string locations;
  std::vector<RankLocation> taken;  // GPUs that are not free
};

// What ranks are placed on.
struct Cluster {
  uint32_t host_count = 0, gpus_per_host = 1, nics_per_host = 1;
  // By host: its leaf, and which leaves are nearer to each other than to the rest. Empty: all the same.
  std::vector<uint32_t> leaf_of, pod_of;
};

// Rank r's location is result[r]; no two ranks share a GPU. Errors: a host or GPU that does not exist, a host
// or a GPU named twice, more ranks than GPUs.
tl::expected<std::vector<RankLocation>, std::string> place(const Placement& placement, uint32_t rank_count,
                                                           const Cluster& cluster);

}  // namespace railyard::schedule
