// SPDX-License-Identifier: BSD-3-Clause
// Communication that a capture shows, but not with what is needed to send it again.
#pragma once

#include <string>

#include "traffic/pattern/trace/trace.pb.h"

namespace railyard::trace {

// How much of the captured communication is unattributed, 0 to 1: of its time, or of its number where the
// format has no times.
double unattributed_share(const Header& header);

// "73 x multimem_all_reduce_kernel (PyTorch symmetric memory), 1.234 ms: no operator ..."
std::string to_string(const Unattributed& one);

}  // namespace railyard::trace
