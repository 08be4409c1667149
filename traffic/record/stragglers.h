// SPDX-License-Identifier: BSD-3-Clause
// Which rank of a job the others had to wait for, and how long.
#pragma once

#include <cstdint>
#include <vector>

#include "traffic/record/record.h"

namespace railyard::record {

// A rank's lateness at a collective is its own as far as it took longer than the middle one of the group
// since its last collective, or since the iteration began: who comes late because another was late is not
// blamed.
struct Straggler {
  uint32_t job = 0;                    // index in Record::jobs
  uint32_t rank = 0;                   // in the job
  uint64_t collectives = 0, last = 0;  // that it took part in; to which it came last, by its own lateness
  double late = 0;                     // seconds of an iteration, over these
  double waited = 0;                   // seconds of an iteration that another rank waited for it, on average
};

// For each foreground job the rank that cost the others most. Collectives to which not all ranks contribute,
// sends, and executions that not all ranks ended do not count. A job without waiting has no entry.
std::vector<Straggler> find_stragglers(const Record& record);

}  // namespace railyard::record
