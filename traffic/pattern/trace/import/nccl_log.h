// SPDX-License-Identifier: BSD-3-Clause
// NCCL's and RCCL's debug log: NCCL_DEBUG=INFO NCCL_DEBUG_SUBSYS=INIT,COLL, one file of all processes or
// several.
//
// An operation's line has count, type, communicator and its ranks; the INIT lines say which rank a process is
// in a communicator. Lines have no times unless NCCL_DEBUG_TIMESTAMP_LEVELS asks for them, and these are not
// read.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "traffic/pattern/trace/import/importer.h"

namespace railyard::trace {

bool recognises_nccl_log(std::string_view content);
tl::expected<ImportResult, std::string> import_nccl_log(const std::vector<std::string>& files,
                                                        const ImportOptions& options);

}  // namespace railyard::trace
