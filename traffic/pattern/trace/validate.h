// SPDX-License-Identifier: BSD-3-Clause
// Whether a trace says something that can be replayed.
#pragma once

#include <string>
#include <vector>

#include "traffic/pattern/trace/trace.pb.h"

namespace railyard::trace {

constexpr size_t kMaxErrors = 20;

// All mistakes, each one line that names rank, operation (counted from 0) and remedy; empty when there are
// none. After kMaxErrors one line says that there are more. Checked are: ranks 0..n-1 in order; groups with
// members that exist, each once; `after` within the list; group, root, splits and peers of every operation;
// that every member of a group lists the same collectives in the same order; that every send has a receive of
// the same size. Whether the dependencies of different ranks wait for one another in a circle is for the
// schedule compiler to find.
std::vector<std::string> validate(const Trace& trace);

}  // namespace railyard::trace
