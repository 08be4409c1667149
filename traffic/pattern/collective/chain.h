// SPDX-License-Identifier: BSD-3-Clause
// Chain broadcast: the ring, cut open before the root. The buffer goes from member to member in slices, each
// of which is passed on as soon as it is in, so that n members take n-2+k slice times for k slices. Source:
// NCCL 2.30, src/device/broadcast.h, runRing.
#pragma once

#include "traffic/pattern/collective/algorithm.h"

namespace railyard::collective {

Algorithm chain_broadcast();

}  // namespace railyard::collective
