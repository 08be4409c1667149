// SPDX-License-Identifier: BSD-3-Clause
// What a schedule takes of memory, and what its ranks will when they play it.
#pragma once

#include <cstdint>

#include "traffic/pattern/schedule/played_jobs.h"
#include "traffic/pattern/schedule/schedule.h"

namespace railyard::schedule {

// Bytes that a schedule holds.
uint64_t footprint_of(const Schedule& schedule);

// Of a job's whole run. A background job has no end: its messages and spans are not counted.
struct RunCounts {
  uint64_t state_bytes = 0;  // of its ranks, when they begin
  uint64_t messages = 0;     // between hosts, as the rank receives them
  uint64_t shortest = 0;     // mean length of an operation's, where that is least; 0: not known
  uint64_t carried = 0;      // entries of LocalLog
  uint64_t spans = 0;
};
RunCounts counts_of(const PlayedJob& job, const HostShape& hosts);

}  // namespace railyard::schedule
