// SPDX-License-Identifier: BSD-3-Clause
// PyTorch execution traces (ExecutionTraceObserver), one JSON file a rank, schemas 1.0.1 to 1.1.1.
//
// Communications are the record_param_comms nodes: by their attributes (1.1.0 and later), before that by
// place in their inputs. The format has no times of the device: the replay sends one communication after
// another, those of a process group in the order of their ids, and after a wait what follows it. The file
// does not say its rank: its name must end with it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "traffic/pattern/trace/import/importer.h"

namespace railyard::trace {

bool recognises_execution_trace(std::string_view content);
tl::expected<ImportResult, std::string> import_execution_trace(const std::vector<std::string>& files,
                                                               const ImportOptions& options);

}  // namespace railyard::trace
