// SPDX-License-Identifier: BSD-3-Clause
// A captured step on more ranks than were captured, as data parallelism adds them.
#pragma once

#include <cstdint>

#include "traffic/pattern/trace/trace.pb.h"

namespace railyard::schedule {

// The step of n ranks on n * copies of them; copy c of rank r is rank c * n + r and does what r did.
//   A group of all n ranks becomes one group of all n * copies, copy after copy. Its collectives keep their
//   bytes (as nccl-tests counts): gradients and parameters are as large as before, an all-to-all keeps its
//   send buffer. An uneven split to a member is divided evenly over that member's copies. A root stays in the
//   first copy. A smaller group, and every send and receive, stays within its copy.
// copies is at least 1.
trace::Trace replicate(const trace::Trace& trace, uint32_t copies);

}  // namespace railyard::schedule
