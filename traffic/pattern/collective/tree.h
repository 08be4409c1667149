// SPDX-License-Identifier: BSD-3-Clause
// Double binary tree all-reduce: chunks are reduced up a tree and sent back down it, lane after lane by one
// tree and by its mirror image in turn, so that who is inside one is a leaf of the other. The tree is over
// hosts; the members of a host form a chain below its first. Source: Sanders, Speck and Traff, "Two-tree
// algorithms for full bandwidth broadcast, reduction and scan", Parallel Computing 35 (2009); NCCL 2.30,
// src/graph/trees.cc (ncclGetBtree, ncclGetDtree) and src/device/all_reduce.h, runTreeSplit. NCCL's balanced
// tree gives the second child to a host's second GPU; here its first has both.
#pragma once

#include "traffic/pattern/collective/algorithm.h"

namespace railyard::collective {

Algorithm tree_all_reduce();

}  // namespace railyard::collective
