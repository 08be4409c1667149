// SPDX-License-Identifier: BSD-3-Clause
// The steps that a Kineto trace marks: ProfilerStep#12 by torch.profiler's schedule, and what the user marked
// with record_function.
#pragma once

#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "traffic/pattern/trace/import/kineto_file.h"

namespace railyard::trace {

// Keeps what the chosen annotations launched (ImportOptions.steps says how they are chosen; empty keeps all),
// and these annotations. What has no launch in the file belongs to the annotation in which it ran. The error
// names the annotations that there are.
tl::expected<void, std::string> keep_steps(const std::string& selection, KinetoFile& file);

// As `selection` takes them: "ProfilerStep#4-6", and other names with their number of occurrences.
std::vector<std::string> step_names(const KinetoFile& file);

}  // namespace railyard::trace
