// SPDX-License-Identifier: BSD-3-Clause
// Ring all-reduce, all-gather and reduce-scatter: each member sends to the next one only, a chunk of S/n
// bytes in each of n-1 rounds (all-reduce: 2(n-1), a reduce-scatter and then an all-gather). Chunks travel in
// slices, and a slice is passed on as soon as it is in (and reduced), while the rest of its chunk is still on
// its way. Source: Patarasuk and Yuan, "Bandwidth optimal all-reduce algorithms for clusters of
// workstations", JPDC 69 (2009); NCCL 2.30, src/device/all_reduce.h, runRing.
#pragma once

#include "traffic/pattern/collective/algorithm.h"

namespace railyard::collective {

Algorithm ring_all_reduce();
Algorithm ring_all_gather();
Algorithm ring_reduce_scatter();

}  // namespace railyard::collective
