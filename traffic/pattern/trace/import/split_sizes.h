// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <vector>

#include "traffic/pattern/trace/trace.pb.h"

namespace railyard::trace {

// Sets split_bytes to the collective's bytes in the proportions of `splits`, which count rows of any size.
// Equal splits stay unsaid. False where they are all zero.
bool set_split_bytes(const std::vector<uint32_t>& splits, Collective& collective);

}  // namespace railyard::trace
