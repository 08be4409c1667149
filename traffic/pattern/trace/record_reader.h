// SPDX-License-Identifier: BSD-3-Clause
// Walks over varint-delimited Protobuf records, the framing of .rytrace and of Chakra's .et.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace railyard::trace {

class RecordReader {
 public:
  // `name` is what errors call the file; `offset` the first record's place in `bytes`. Both views must
  // outlive this.
  RecordReader(std::string_view bytes, std::string_view name, size_t offset = 0)
      : bytes_(bytes), name_(name), offset_(offset) {}

  // The next record's payload; nothing at the end. The error names file, byte offset and record (counted from
  // 0).
  tl::expected<std::optional<std::string_view>, std::string> next();

  // "file: record 3 at byte 120", of the record that next() returned last.
  std::string place() const;
  size_t offset() const { return offset_; }               // of the next record
  size_t record_offset() const { return record_start_; }  // of the one returned last

 private:
  std::string_view bytes_;
  std::string_view name_;
  size_t offset_;
  size_t record_start_ = 0;
  uint64_t records_ = 0;
};

// Appends `payload` with its length in front.
void append_record(std::string& out, std::string_view payload);

}  // namespace railyard::trace
