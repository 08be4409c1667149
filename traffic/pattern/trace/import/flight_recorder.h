// SPDX-License-Identifier: BSD-3-Clause
// PyTorch's NCCL Flight Recorder: a dump a rank, as JSON or as the pickle that torch writes by default.
//
// Entries are what the CPU enqueued, with the sizes of their tensors; when the device ran them is not known,
// so that nothing is computed between them. The recorder is a ring of the last operations: of each process
// group what every rank still has is kept, matched by collective_seq_id.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "traffic/pattern/trace/import/importer.h"

namespace railyard::trace {

bool recognises_flight_recorder(std::string_view content);
tl::expected<ImportResult, std::string> import_flight_recorder(const std::vector<std::string>& files,
                                                               const ImportOptions& options);

}  // namespace railyard::trace
