// SPDX-License-Identifier: BSD-3-Clause
// Whole files in memory, gzip or not: what every reader and writer of traces starts from.
#pragma once

#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace railyard::trace {

// The file's content, inflated when it begins with the gzip magic, whatever its name. The error names the
// file, and for a damaged or truncated gzip the compressed byte at which it broke.
tl::expected<std::string, std::string> read_file(const std::string& path);

// The first bytes of the content (inflated), at most `size`; fewer when the file is shorter or damaged.
tl::expected<std::string, std::string> read_head(const std::string& path, size_t size);

// Whether a content that begins so is JSON text: an object or array, and no control characters, which JSON
// forbids and a binary format of short fields cannot do without.
bool looks_like_json(std::string_view head);

// Writes under a temporary name beside `path` and renames, so that no partial file is ever seen. Gzip when
// the path ends in ".gz"; the compressed bytes carry no time stamp and no name.
tl::expected<void, std::string> write_file(const std::string& path, std::string_view content);

}  // namespace railyard::trace
