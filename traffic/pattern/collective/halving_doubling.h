// SPDX-License-Identifier: BSD-3-Clause
// Recursive halving-doubling all-reduce: a reduce-scatter that halves what is exchanged with a partner twice
// as near in each step, then an all-gather back. With n not a power of two the first 2r of n = 2^q + r
// members fold in pairs before, and are told the result after. Source: Thakur, Rabenseifner and Gropp,
// "Optimization of collective communication operations in MPICH", IJHPCA 19 (2005), section 4.5.
#pragma once

#include "traffic/pattern/collective/algorithm.h"

namespace railyard::collective {

Algorithm halving_doubling_all_reduce();

}  // namespace railyard::collective
