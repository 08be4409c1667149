// SPDX-License-Identifier: BSD-3-Clause
// NCCL's example profiler plugin (ext-profiler/example): Chrome-trace JSON, a file a process.
//
// The COLL and P2P events are the operations, with their communicator's hash and the rank in it. Their start
// is when the proxy got to know of them; what lies between the end of one and the start of the next counts as
// compute.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "traffic/pattern/trace/import/importer.h"

namespace railyard::trace {

bool recognises_nccl_profiler(std::string_view content);
tl::expected<ImportResult, std::string> import_nccl_profiler(const std::vector<std::string>& files,
                                                             const ImportOptions& options);

}  // namespace railyard::trace
