// SPDX-License-Identifier: BSD-3-Clause
// Chain broadcast and reduce: the ring, cut open at the root. The buffer goes from member to member in
// slices, away from the root or, being reduced, towards it, each passed on as soon as it is in, so that n
// members take n-2+k slice times for k slices. Source: NCCL 2.30, src/device/broadcast.h and reduce.h,
// runRing.
#pragma once

#include "traffic/pattern/collective/algorithm.h"

namespace railyard::collective {

Algorithm chain_broadcast();
Algorithm chain_reduce();

}  // namespace railyard::collective
