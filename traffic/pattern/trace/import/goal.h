// SPDX-License-Identifier: BSD-3-Clause
// GOAL schedules as text (LogGOPSim, ATLAHS; Hoefler et al., "Group Operation Assembly Language").
//
// calc counts nanoseconds. `a requires b` starts a when b has ended; `a irequires b` when b has started,
// which here is when all that b waits for has ended. That calcs of one cpu run one after another is not
// modelled, as GOAL does not say in which order; a line without labels cannot be waited for. A wildcard for a
// receive's source or tag cannot be replayed and is an error.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "traffic/pattern/trace/import/importer.h"

namespace railyard::trace {

bool recognises_goal(std::string_view content);
tl::expected<ImportResult, std::string> import_goal(const std::vector<std::string>& files,
                                                    const ImportOptions& options);

}  // namespace railyard::trace
