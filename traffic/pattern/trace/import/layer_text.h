// SPDX-License-Identifier: BSD-3-Clause
// Layer workloads as text: ASTRA-sim 1.0, and SimAI with its own header.
//
// Line 1 is the parallelisation, line 2 the number of layers, then twelve columns a layer: name, dependency,
// forward compute and communication, input-gradient compute and communication, weight-gradient compute and
// communication, update. Every rank does all layers forward, then all backward; a weight gradient's
// communication runs beside what comes after it. Sizes are nccl-tests' already. Times are nanoseconds
// (ASTRA-sim: cycles at 1 GHz).
//
// The file says how ranks are grouped only in SimAI's header; how many ranks the job has is to be given where
// it has no all_gpus.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "traffic/pattern/trace/import/importer.h"

namespace railyard::trace {

bool recognises_layer_text(std::string_view content);
tl::expected<ImportResult, std::string> import_layer_text(const std::vector<std::string>& files,
                                                          const ImportOptions& options);

}  // namespace railyard::trace
