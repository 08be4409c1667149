// SPDX-License-Identifier: BSD-3-Clause
// Pairwise all-to-all, with even or uneven splits, as NCCL carries it: in each round of its point-to-point
// schedule a member sends its block to one and receives one from another, in chunks of which a few are under
// way. Some rounds run side by side, each strand with every nth of them; a strand's next round begins when
// the member has got all of the one before (NCCL's, of a whole batch). A member's own block is copied locally
// and sends nothing. Source: p2p_schedule.h.
#pragma once

#include "traffic/pattern/collective/algorithm.h"

namespace railyard::collective {

Algorithm pairwise_all_to_all();

}  // namespace railyard::collective
