// SPDX-License-Identifier: BSD-3-Clause
// What importers of one file a rank have in common.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <tl/expected.hpp>

#include "traffic/pattern/trace/import/importer.h"

namespace railyard::trace {

constexpr int64_t kMaxCaptureBytes = int64_t{1}
                                     << 43;  // of one operation; times kMaxCaptureRank fits 64 bits
constexpr uint32_t kMaxCaptureRank = 1U << 20;

// The number at the end of a file's name, without its extensions: 3 of "et_rank_3.json.gz" and
// "trace_rank_3".
std::optional<uint32_t> rank_at_end_of_name(const std::string& path);

// The rank of `path`, which its content does not tell: as given for a single file, or by its name; 0 where a
// partial trace is wanted. The error says how to name it.
tl::expected<uint32_t, std::string> rank_of_file(const std::string& path, size_t files,
                                                 const ImportOptions& options);

// Of what a rank gives to a collective and gets from it, what Collective.bytes counts; -1 where that is
// missing. A root's part in a gather or scatter does not count: the others' files do not have it.
int64_t counted_bytes(CollectiveKind kind, int64_t in, int64_t out, size_t group_size);

}  // namespace railyard::trace
