// SPDX-License-Identifier: BSD-3-Clause
// The lanes of in-network reduction: a tree through each NIC of a group's hosts, as its rings are; within one
// host as many as the group has members there, each of which speaks for a part [NCCL 2.30,
// src/graph/connect.cc (connectCollNet, connectNvls)]. Each switch in a lane gets a reducer: a rank that is
// nobody's, after the job's, and whose program is the group's in-network collectives.
#pragma once

#include <cstdint>
#include <vector>

#include "traffic/pattern/schedule/connect.h"
#include "traffic/pattern/schedule/draft.h"

namespace railyard::schedule {

// Where the group has such collectives; else it does nothing. Errors, each naming the group and the remedy:
// nobody says where the ranks are; the group is on several hosts, and the switches do not reduce, or none
// leads to all of these.
Checked add_tree_lanes(Draft& draft, const std::vector<uint32_t>& ranks, uint32_t communicator,
                       RankStrands& strands);

}  // namespace railyard::schedule
