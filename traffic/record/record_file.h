// SPDX-License-Identifier: BSD-3-Clause
// A Record as a file. A .ryrecord file is a gzip stream of the eight bytes "RYRECORD" and of length-delimited
// (varint) messages railyard.record.disk.Entry: a header that says how many entries follow, the entries, an
// end marker. The same record gives the same bytes.
#pragma once

#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "traffic/record/record.h"

namespace railyard::record {

// Writes beside `path` first and renames, so that no half-written file bears the name. The error names the
// path and what the system said.
tl::expected<void, std::string> write_record(const std::string& path, const Record& record);

// The error names the path and what is wrong: not a record, truncated, of a later version, or an entry that
// refers to a job, operation or port that is not there.
tl::expected<Record, std::string> read_record(const std::string& path);

// The same file in memory; `name` stands for the path in errors.
tl::expected<std::string, std::string> encode_record(const Record& record);
tl::expected<Record, std::string> decode_record(std::string_view bytes, std::string_view name);

// Whether every index in the record is within range and every rank belongs to its job; the error names the
// first entry that is not so. The metrics rely on it.
tl::expected<void, std::string> validate(const Record& record);

}  // namespace railyard::record
