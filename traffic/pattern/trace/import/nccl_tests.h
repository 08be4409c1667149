// SPDX-License-Identifier: BSD-3-Clause
// What nccl-tests writes with -J: one benchmark. Each of its results becomes one collective of that size on
// all ranks, one after another, as the benchmark ran them; iterations and measured times are not kept.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "traffic/pattern/trace/import/importer.h"

namespace railyard::trace {

bool recognises_nccl_tests(std::string_view content);
tl::expected<ImportResult, std::string> import_nccl_tests(const std::vector<std::string>& files,
                                                          const ImportOptions& options);

}  // namespace railyard::trace
