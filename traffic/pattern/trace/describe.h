// SPDX-License-Identifier: BSD-3-Clause
// What `railyard trace show` prints.
#pragma once

#include <string>

#include "traffic/pattern/trace/trace.pb.h"

namespace railyard::trace {

// Name, source, ranks, steps, groups, what is unattributed, and a table of the operations: one row for each
// collective (or kind of message) that occurs, with its count a rank and bytes, ranks with equal operations
// joined. No line is longer than 80 columns.
std::string describe(const Trace& trace);

// The operations of every rank in order, a line each: number, when it started in the capture, what it does
// and what it waits for.
std::string list_operations(const Trace& trace);

}  // namespace railyard::trace
