// SPDX-License-Identifier: BSD-3-Clause
// A trace as MLCommons Chakra execution traces, one file a rank, as ASTRA-sim's feeder reads them.
#pragma once

#include <string>

#include <tl/expected.hpp>

#include "traffic/pattern/trace/trace.pb.h"

namespace railyard::trace {

// Writes <folder>/<prefix>.<rank>.et of every rank, and <folder>/comm_group.json with the process groups,
// which ASTRA-sim is given beside them; the folder is made. Group g is called "<g + 1>", since ASTRA-sim
// reads the names as numbers and takes 0 for all ranks. Durations are rounded to microseconds, which is all
// that Chakra has; an all-to-all's uneven splits are not in it, its sum is. The error names the file.
tl::expected<void, std::string> write_chakra(const Trace& trace, const std::string& folder,
                                             const std::string& prefix);

// One rank's file.
std::string encode_chakra(const Trace& trace, const Rank& rank);

}  // namespace railyard::trace
