// SPDX-License-Identifier: BSD-3-Clause
// SQLite exports of Nsight Systems: `nsys profile --trace=cuda,nvtx`, then `nsys export --type sqlite
// --include-blobs=true`, which keeps the payloads of NCCL's NVTX ranges. A file may hold the processes of a
// host.
//
// What is sent: NCCL's ranges say communicator, bytes, peer and root of each call, and those in which
// communicators are made who is which rank of them; nsys_calls.h says which kernel a call is. The largest
// communicator numbers the job's ranks. When: as of Kineto's traces, by kineto.h's rules.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "traffic/pattern/trace/import/importer.h"

namespace railyard::trace {

bool recognises_nsys(std::string_view content);
tl::expected<ImportResult, std::string> import_nsys(const std::vector<std::string>& files,
                                                    const ImportOptions& options);

}  // namespace railyard::trace
