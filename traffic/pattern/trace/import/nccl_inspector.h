// SPDX-License-Identifier: BSD-3-Clause
// NCCL's and RCCL's inspector plugin: JSON objects one after another, a file a process
// (NCCL_INSPECTOR_ENABLE=1).
//
// Each object is one operation with its communicator; the sizes of all-gather and reduce-scatter are one
// rank's. Only the verbose mode (NCCL_INSPECTOR_DUMP_VERBOSE=1) has times. Operations below 8 KiB are not in
// it by default.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "traffic/pattern/trace/import/importer.h"

namespace railyard::trace {

bool recognises_nccl_inspector(std::string_view content);
tl::expected<ImportResult, std::string> import_nccl_inspector(const std::vector<std::string>& files,
                                                              const ImportOptions& options);

}  // namespace railyard::trace
