// SPDX-License-Identifier: BSD-3-Clause
// Dissemination barrier: in round k each member tells me + 2^k, by one byte, that it and all whom it heard of
// have come; after log2 n rounds, rounded up, everybody has heard of everybody. Source: Hensgen, Finkel and
// Manber, "Two algorithms for barrier synchronization", IJPP 17 (1988); so does Gloo (gloo/barrier.cc).
// PyTorch's barrier over NCCL is an all-reduce of one element instead.
#pragma once

#include "traffic/pattern/collective/algorithm.h"

namespace railyard::collective {

Algorithm dissemination_barrier();

}  // namespace railyard::collective
