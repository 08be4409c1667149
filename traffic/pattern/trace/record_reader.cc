// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/trace/record_reader.h"

#include <fmt/format.h>

namespace railyard::trace {
namespace {

constexpr int kMaxLengthBits = 35;  // five groups of seven bits carry a 32-bit length

}  // namespace

tl::expected<std::optional<std::string_view>, std::string> RecordReader::next() {
  if (offset_ >= bytes_.size()) return std::nullopt;
  record_start_ = offset_;
  ++records_;
  uint64_t length = 0;
  int shift = 0;
  while (true) {
    if (offset_ >= bytes_.size()) {
      return tl::make_unexpected(
          fmt::format("{}: the file ends inside the record's length: it is truncated", place()));
    }
    if (shift >= kMaxLengthBits) {
      return tl::make_unexpected(
          fmt::format("{}: the record's length is no 32-bit varint: the file is damaged", place()));
    }
    const auto byte = static_cast<uint8_t>(bytes_[offset_++]);
    length |= static_cast<uint64_t>(byte & 0x7f) << shift;
    shift += 7;
    if (byte < 0x80) break;
  }
  const size_t left = bytes_.size() - offset_;
  if (length > left) {
    return tl::make_unexpected(
        fmt::format("{}: the record says it is {} bytes long, but only {} are left: the file is truncated or "
                    "damaged; copy "
                    "or convert it again",
                    place(), length, left));
  }
  const std::string_view payload = bytes_.substr(offset_, length);
  offset_ += length;
  return payload;
}

std::string RecordReader::place() const {
  return fmt::format("{}: record {} at byte {}", name_, records_ - 1, record_start_);
}

void append_record(std::string& out, std::string_view payload) {
  uint64_t length = payload.size();
  while (length >= 0x80) {
    out.push_back(static_cast<char>(length | 0x80));
    length >>= 7;
  }
  out.push_back(static_cast<char>(length));
  out.append(payload);
}

}  // namespace railyard::trace
