// SPDX-License-Identifier: BSD-3-Clause
// Gather and scatter: a message between the root and each other member, as NCCL's are grouped sends and
// receives. The root takes its peers by their distance, and as many at once as the rounds of an all-to-all;
// senders to a root do not wait for their turn. Source: NCCL 2.28 to 2.30, src/enqueue.cc, taskAppend
// (ncclFuncGather, ncclFuncScatter), and nccl-tests, src/gather.cu and scatter.cu.
#pragma once

#include "traffic/pattern/collective/algorithm.h"

namespace railyard::collective {

Algorithm direct_gather();
Algorithm direct_scatter();

}  // namespace railyard::collective
