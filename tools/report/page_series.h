// SPDX-License-Identifier: BSD-3-Clause
// What the page draws over time. Of each setting, the run of the first seed.
#pragma once

#include "tools/report/page_json.h"
#include "tools/report/run_set.h"

namespace railyard::report {

// Peaks of the queues and pauses of the busiest ports.
Json queue_series(const RunSet& runs);

// Means of what congestion control allowed queue pairs, evenly spread over those that were sampled.
Json rate_series(const RunSet& runs);

}  // namespace railyard::report
