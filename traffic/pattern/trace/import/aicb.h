// SPDX-License-Identifier: BSD-3-Clause
// AICB's workload files (aliyun/aicb): CSV with a header row after each "[rank0 ~ rank127]", which says whose
// rows follow. Sizes of collectives are nccl-tests' already. Groups are laid out as parallel_groups.h says,
// by the sizes in the rows. Rows run one after another; a row of computation lasts as long as AICB measured
// (_elapsed_time, in seconds), if it did. Rows of isend and irecv do not name their peers and are left out.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "traffic/pattern/trace/import/importer.h"

namespace railyard::trace {

bool recognises_aicb(std::string_view content);
tl::expected<ImportResult, std::string> import_aicb(const std::vector<std::string>& files,
                                                    const ImportOptions& options);

}  // namespace railyard::trace
