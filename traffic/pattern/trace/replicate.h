// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string>

#include <tl/expected.hpp>

#include "traffic/pattern/trace/trace.pb.h"

namespace railyard::trace {

// The job on more ranks: `world_size`, a multiple of the trace's ranks, holds that many replicas of it. Rank
// r does what rank r mod n did. Groups of all ranks grow to all ranks of the new job, and each rank's sizes
// stay as they are; other groups, and messages point to point, are repeated within each replica. In an
// all-to-all over all ranks the bytes to one rank are spread over its replicas. The error is one sentence.
tl::expected<Trace, std::string> replicate(const Trace& trace, uint32_t world_size);

}  // namespace railyard::trace
