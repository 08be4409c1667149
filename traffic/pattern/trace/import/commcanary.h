// SPDX-License-Identifier: BSD-3-Clause
// CommCanary's JSON: traces (commcanary.trace.v1) and the canaries made of them (commcanary.canary.v2), with
// all ranks in one file.
//
// Of an event its collective, size (the larger of input and output: nccl-tests'), ranks, and how long each
// rank computes before it: compute_before_us, otherwise gap_us, otherwise the distance of the starts, which
// holds the captured transfer as well; and a rank's own lateness (rank_arrival_us, arrival_offsets_us). A
// canary's motifs are unfolded; its timing samples are averages already and are not drawn.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "traffic/pattern/trace/import/importer.h"

namespace railyard::trace {

bool recognises_commcanary(std::string_view content);
tl::expected<ImportResult, std::string> import_commcanary(const std::vector<std::string>& files,
                                                          const ImportOptions& options);

}  // namespace railyard::trace
