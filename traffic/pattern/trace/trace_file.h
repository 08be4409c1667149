// SPDX-License-Identifier: BSD-3-Clause
// Reader and writer of .rytrace files.
//
//   "RYTRACE" and the format version as one byte
//   Header record, then one Rank record per rank, then the Index record: each a varint length and the message
//   the Index record's offset as 8 bytes, least significant first, and "RYTREND\n"
//
// The trailer makes every truncation visible and lets a rank be found without reading the others. A path that
// ends in
// ".gz" is compressed as a whole; the reader looks at the content, not at the name.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "traffic/pattern/trace/rank_source.h"

namespace railyard::trace {

constexpr uint32_t kFormatVersion = 1;

// Errors name the file, the byte offset and the record, and say what to do. The reader checks the framing
// only; whether the trace makes sense is validate()'s question.
tl::expected<Trace, std::string> read_trace(const std::string& path);
tl::expected<void, std::string> write_trace(const Trace& trace, const std::string& path);

// The same on bytes in memory; `name` stands for the file in errors. Equal traces give equal bytes.
tl::expected<Trace, std::string> decode_trace(std::string_view bytes, std::string_view name);
tl::expected<std::string, std::string> encode_trace(const Trace& trace);
tl::expected<std::string, std::string> encode_trace(const RankSource& source);
// The same bytes in pieces, a rank at a time, so that nobody holds them all.
tl::expected<void, std::string> encode_trace(const RankSource& source,
                                             const std::function<void(std::string_view)>& piece);

bool looks_like_trace(std::string_view head);

}  // namespace railyard::trace
