// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include "tools/report/run_set.h"

namespace railyard::report {

// A sentence for each job in each setting of which one rank held up the others in every run: which, and what
// it cost them. None where that is less than a twentieth of an iteration.
std::vector<std::string> straggler_sentences(const RunSet& runs);

}  // namespace railyard::report
