// SPDX-License-Identifier: BSD-3-Clause
// Bruck's all-to-all, with even or uneven splits: a block for the member d places on travels by the binary
// digits of d. In round k each member sends one message to me + 2^k, with all blocks that it holds whose
// distance has that digit, its own and those that came on the way; so there are log2 n rounds, rounded up,
// and each sends about half of the send buffer. Source: Bruck, Ho, Kipnis, Upfal and Weathersby, "Efficient
// algorithms for all-to-all communications in multiport message-passing systems", IEEE TPDS 8 (1997),
// section 3 (radix 2).
#pragma once

#include "traffic/pattern/collective/algorithm.h"

namespace railyard::collective {

Algorithm bruck_all_to_all();

}  // namespace railyard::collective
