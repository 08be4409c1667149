// SPDX-License-Identifier: BSD-3-Clause
// Pairwise all-to-all, with even or uneven splits: in round i each member sends to me + i and receives from
// me - i, so that no two members of a round send to the same one. Rounds do not wait for each other's data;
// only a few are under way at once. A member's own block is copied locally and sends nothing. Source:
// NCCL 2.30, src/enqueue.cc, p2p scheduling (which takes the rounds in another order: 0, 1, 3, 6, 10, ...).
#pragma once

#include "traffic/pattern/collective/algorithm.h"

namespace railyard::collective {

Algorithm pairwise_all_to_all();

}  // namespace railyard::collective
