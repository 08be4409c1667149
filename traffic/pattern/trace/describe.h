// SPDX-License-Identifier: BSD-3-Clause
// What `railyard trace show` prints.
#pragma once

#include <string>

#include "traffic/pattern/trace/trace.pb.h"

namespace railyard::trace {

// Name, source, ranks, groups, and a table of the operations: one row for each collective (or kind of
// message) that occurs, with its count a rank and bytes, ranks with equal operations joined. No line is
// longer than 80 columns.
std::string describe(const Trace& trace);

}  // namespace railyard::trace
