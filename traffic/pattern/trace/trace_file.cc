// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/trace/trace_file.h"

#include <fmt/format.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/stubs/logging.h>

#include <limits>

#include "traffic/pattern/trace/file_bytes.h"
#include "traffic/pattern/trace/record_reader.h"

namespace railyard::trace {
namespace {

constexpr std::string_view kMagic = "RYTRACE";
constexpr std::string_view kEnd = "RYTREND\n";
constexpr size_t kHeadSize = kMagic.size() + 1;
constexpr size_t kTrailerSize = sizeof(uint64_t) + kEnd.size();

using Error = tl::unexpected<std::string>;

template <class... Args>
Error error(fmt::format_string<Args...> format, Args&&... args) {
  return tl::make_unexpected(fmt::format(format, std::forward<Args>(args)...));
}

void append_u64(std::string& out, uint64_t value) {
  for (size_t i = 0; i < sizeof value; ++i) out.push_back(static_cast<char>(value >> (8 * i)));
}

uint64_t load_u64(std::string_view bytes) {
  uint64_t value = 0;
  for (size_t i = 0; i < sizeof value; ++i) value |= uint64_t{static_cast<uint8_t>(bytes[i])} << (8 * i);
  return value;
}

// The next record as a message of type M.
template <class M>
tl::expected<M, std::string> read_record(RecordReader& reader, std::string_view what) {
  auto payload = reader.next();
  if (!payload) return tl::make_unexpected(payload.error());
  google::protobuf::LogSilencer one_error_is_enough;
  M message;
  if (!payload->has_value() ||
      !message.ParseFromArray((*payload)->data(), static_cast<int>((*payload)->size()))) {
    return error("{}: is no {} record: the file is damaged; import or generate it again", reader.place(),
                 what);
  }
  return message;
}

tl::expected<void, std::string> append_message(std::string& out, const google::protobuf::Message& message) {
  const size_t size = message.ByteSizeLong();
  if (size > static_cast<size_t>(std::numeric_limits<int>::max())) {
    return error("a record of {} bytes does not fit a trace file (2 GiB): split the capture into fewer steps",
                 size);
  }
  std::string payload;
  {
    google::protobuf::io::StringOutputStream stream(&payload);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    message.SerializeToCodedStream(&coded);
  }
  append_record(out, payload);
  return {};
}

// The bytes before the trailer, once magic, version and trailer have been checked.
tl::expected<std::string_view, std::string> check_frame(std::string_view bytes, std::string_view name) {
  if (!looks_like_trace(bytes)) {
    return error(
        "{}: byte 0: does not begin with \"{}\": it is no Railyard trace; import captures with `railyard "
        "trace import`",
        name, kMagic);
  }
  const auto version = bytes.size() > kMagic.size() ? static_cast<uint8_t>(bytes[kMagic.size()]) : 0;
  if (version != kFormatVersion) {
    return error(
        "{}: byte {}: format version {} is not supported (this is version {}): import the capture again",
        name, kMagic.size(), version, kFormatVersion);
  }
  if (bytes.size() < kHeadSize + kTrailerSize || bytes.substr(bytes.size() - kEnd.size()) != kEnd) {
    return error("{}: byte {}: the file ends without its trailer: it is truncated; copy or import it again",
                 name, bytes.size());
  }
  const uint64_t index_offset = load_u64(bytes.substr(bytes.size() - kTrailerSize));
  if (index_offset < kHeadSize || index_offset >= bytes.size() - kTrailerSize) {
    return error("{}: byte {}: the trailer points to byte {}, outside of the records: the file is damaged",
                 name, bytes.size() - kTrailerSize, index_offset);
  }
  return bytes.substr(0, bytes.size() - kTrailerSize);
}

}  // namespace

bool looks_like_trace(std::string_view head) {
  return head.substr(0, kMagic.size()) == kMagic;
}

namespace {

// rank_at(i) is the i-th Rank record.
template <class RankAt, class Piece>
tl::expected<void, std::string> encode(const Header& header_of, uint32_t ranks, RankAt rank_at,
                                       const Piece& piece) {
  uint64_t offset = 0;
  std::string out(kMagic);
  out.push_back(static_cast<char>(kFormatVersion));
  const auto hand_over = [&] {
    offset += out.size();
    piece(out);
    out.clear();
  };
  Header header = header_of;
  header.set_version(kFormatVersion);
  header.set_rank_count(ranks);
  if (auto done = append_message(out, header); !done) return done;
  hand_over();
  Index index;
  for (uint32_t i = 0; i < ranks; ++i) {
    index.add_rank_offsets(offset);
    if (auto done = append_message(out, rank_at(i)); !done) return done;
    hand_over();
  }
  const uint64_t index_offset = offset;
  if (auto done = append_message(out, index); !done) return done;
  append_u64(out, index_offset);
  out.append(kEnd);
  hand_over();
  return {};
}

}  // namespace

tl::expected<std::string, std::string> encode_trace(const Trace& trace) {
  std::string bytes;
  const auto done = encode(
      trace.header(), static_cast<uint32_t>(trace.ranks_size()),
      [&](uint32_t i) -> const Rank& { return trace.ranks(static_cast<int>(i)); },
      [&](std::string_view piece) { bytes += piece; });
  if (!done) return tl::make_unexpected(done.error());
  return bytes;
}

tl::expected<std::string, std::string> encode_trace(const RankSource& source) {
  std::string bytes;
  const auto done = encode_trace(source, [&](std::string_view piece) { bytes += piece; });
  if (!done) return tl::make_unexpected(done.error());
  return bytes;
}

tl::expected<void, std::string> encode_trace(const RankSource& source,
                                             const std::function<void(std::string_view)>& piece) {
  Rank scratch;
  return encode(
      source.header(), source.header().rank_count(),
      [&](uint32_t i) -> const Rank& { return source.rank(i, scratch); }, piece);
}

tl::expected<Trace, std::string> decode_trace(std::string_view bytes, std::string_view name) {
  const auto body = check_frame(bytes, name);
  if (!body) return tl::make_unexpected(body.error());
  const uint64_t index_offset = load_u64(bytes.substr(body->size()));

  RecordReader index_reader(*body, name, index_offset);
  const auto index = read_record<Index>(index_reader, "index");
  if (!index) return tl::make_unexpected(index.error());

  Trace trace;
  RecordReader reader(body->substr(0, index_offset), name, kHeadSize);
  auto header = read_record<Header>(reader, "header");
  if (!header) return tl::make_unexpected(header.error());
  *trace.mutable_header() = std::move(*header);
  if (trace.header().rank_count() != static_cast<uint32_t>(index->rank_offsets_size())) {
    return error("{}: byte {}: the header says {} ranks, the index {}: the file is damaged", name,
                 index_offset, trace.header().rank_count(), index->rank_offsets_size());
  }
  for (const uint64_t offset : index->rank_offsets()) {
    if (offset != reader.offset()) {
      return error("{}: byte {}: the index expects a rank at byte {}: the file is damaged", name,
                   reader.offset(), offset);
    }
    auto rank = read_record<Rank>(reader, "rank");
    if (!rank) return tl::make_unexpected(rank.error());
    *trace.add_ranks() = std::move(*rank);
  }
  if (reader.offset() != index_offset) {
    return error("{}: byte {}: {} bytes stand between the last rank and the index: the file is damaged", name,
                 reader.offset(), index_offset - reader.offset());
  }
  return trace;
}

tl::expected<Trace, std::string> read_trace(const std::string& path) {
  const auto bytes = read_file(path);
  if (!bytes) return tl::make_unexpected(bytes.error());
  return decode_trace(*bytes, path);
}

tl::expected<void, std::string> write_trace(const Trace& trace, const std::string& path) {
  const auto bytes = encode_trace(trace);
  if (!bytes) return error("{}: {}", path, bytes.error());
  return write_file(path, *bytes);
}

}  // namespace railyard::trace
