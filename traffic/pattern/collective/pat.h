// SPDX-License-Identifier: BSD-3-Clause
// PAT, parallel aggregated trees: all-gather and reduce-scatter in a logarithmic number of messages while
// blocks are small. The block of member x goes down a binomial tree over the distances to it, those with few
// trailing zeros last: near members exchange many blocks, far ones few. All members do the same at once, so
// that in each step one sends to me - 2^d and receives from me + 2^d (reduce-scatter: the other way round).
//
// Distances that are multiples of `stride` go first, in log2 steps; the others one after another, each step
// with the blocks of all distances that are equal modulo the stride. How many blocks such a step has depends
// on how many fit the buffer: as many as a slot, times its 8 slots. Half of all: the steps are log2 n.
// Blocks longer than a slot go slot after slot.
//
// Source: Jeaugey, "PAT: a new algorithm for all-gather and reduce-scatter operations at scale", arXiv
// 2506.20252; NCCL 2.30, src/include/collectives.h, PatAGAlgorithm and PatRSAlgorithm. NCCL has it for one
// GPU a host. Where a step is several messages, NCCL's reduce-scatter puts its blocks in them in another
// order.
#pragma once

#include "traffic/pattern/collective/algorithm.h"

namespace railyard::collective {

Algorithm pat_all_gather();
Algorithm pat_reduce_scatter();

}  // namespace railyard::collective
