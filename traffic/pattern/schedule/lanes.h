// SPDX-License-Identifier: BSD-3-Clause
// The lanes of a process group: NCCL's channels. Its collectives are cut in parts, one a lane, which run side
// by side; each lane has an order of the members and a NIC of every host. Source: NCCL 2.30,
// src/graph/connect.cc (rings by NIC, joined host after host) and search.cc (a ring enters and leaves a host
// by the same NIC, NCCL_CROSS_NIC = 0 or 2 on rails).
#pragma once

#include <cstdint>
#include <vector>

#include "traffic/pattern/collective/reduction_tree.h"
#include "traffic/pattern/schedule/host_shape.h"

namespace railyard::schedule {

struct Lane {
  std::vector<uint32_t> member_at;  // by place in the order
  std::vector<uint32_t> place_of;   // by member
  std::vector<uint32_t> nic;        // by member: of its host, to other hosts; empty: of the two GPUs' own
  uint32_t per_host = 1;            // as Call::per_host
  // Trees only. Reducers follow the members, as members and as places; the first one's rank is first_reducer.
  // By place: the NICs of the way to the parent, where that is on another host.
  collective::ReductionTree tree = {};
  uint32_t first_reducer = 0;
  std::vector<HostShape::NicPair> uplinks = {};
};

struct Lanes {
  std::vector<Lane> rings;
  Lane pairs;  // in the group's order
  uint32_t hosts = 1;
};

// Of a group whose member m is at members[m]. As many rings as each host has NICs beside its members, times
// `channels_per_nic`; one where the group is within a host. In each, hosts follow each other as they first
// occur in the group, and a host's members too, begun by one that sits beside the ring's NIC.
Lanes lay_lanes(const std::vector<RankLocation>& members, const HostShape& hosts, uint32_t channels_per_nic);

// Hosts as in a ring, each one's members by their GPUs; over the GPUs' own NICs.
Lane host_after_host(const std::vector<RankLocation>& members, const HostShape& hosts);

// The order of the group, over the GPUs' own NICs: of members whose places are not known.
Lane group_order(uint32_t members);

}  // namespace railyard::schedule
