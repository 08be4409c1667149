// SPDX-License-Identifier: BSD-3-Clause
// MSCCL algorithms in XML (msccl-tools): one run of the algorithm, as the sends and receives of its GPUs.
//
// A step of a thread block waits for the one before it, for the step that it names (depid, deps), and its
// send for its own receive. Local copies and reductions take no time. The file does not say how large the
// buffer is: it is taken for minBytes, or for 128 KiB a chunk where that is 0 (`railyard trace scale --bytes`
// makes it another).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "traffic/pattern/trace/import/importer.h"

namespace railyard::trace {

bool recognises_msccl(std::string_view content);
tl::expected<ImportResult, std::string> import_msccl(const std::vector<std::string>& files,
                                                     const ImportOptions& options);

}  // namespace railyard::trace
