// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/trace/file_bytes.h"

#include <fmt/format.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>

namespace railyard::trace {
namespace {

constexpr std::string_view kGzipMagic = "\x1f\x8b";  // RFC 1952, section 2.3.1
constexpr int kGzipWindow = 15 + 16;                 // zlib: the largest window, gzip framing
constexpr size_t kChunk = size_t{1} << 20;

struct FileCloser {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, FileCloser>;

tl::unexpected<std::string> failure(const std::string& path, std::string_view what) {
  return tl::make_unexpected(fmt::format("{}: {}: {}", path, what, std::strerror(errno)));
}

// Raw bytes of the file, at most `limit`.
tl::expected<std::string, std::string> read_raw(const std::string& path, size_t limit) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    return tl::make_unexpected(fmt::format("{}: is a directory, not a file", path));
  }
  File file(std::fopen(path.c_str(), "rb"));
  if (!file) return failure(path, "cannot be opened");
  std::string bytes;
  while (bytes.size() < limit) {
    const size_t old = bytes.size();
    bytes.resize(old + std::min(kChunk, limit - old));
    const size_t got = std::fread(bytes.data() + old, 1, bytes.size() - old, file.get());
    bytes.resize(old + got);
    if (got == 0) break;
  }
  if (std::ferror(file.get()) != 0) return failure(path, "cannot be read");
  return bytes;
}

// Inflates gzip members one after another, as gzip(1) does, until `limit` bytes are out.
class Inflater {
 public:
  Inflater() { ready_ = inflateInit2(&stream_, kGzipWindow) == Z_OK; }
  ~Inflater() { inflateEnd(&stream_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  // Empty when all went well, else what is wrong with the input.
  std::string run(std::string_view input, size_t limit, std::string& out) {
    if (!ready_) return "zlib cannot be initialised";
    while (true) {
      const std::string_view chunk = input.substr(consumed_, kChunk);
      stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(chunk.data()));
      stream_.avail_in = static_cast<uInt>(chunk.size());
      const int status = inflate_chunk(limit, out);
      consumed_ += chunk.size() - stream_.avail_in;
      if (out.size() >= limit) return "";
      if (status == Z_STREAM_END) {
        if (consumed_ == input.size()) return "";
        if (input.substr(consumed_, kGzipMagic.size()) != kGzipMagic)
          return "bytes follow the end of the gzip data";
        inflateReset(&stream_);
      } else if (status != Z_OK && status != Z_BUF_ERROR) {
        return fmt::format("the gzip data is damaged ({})",
                           stream_.msg != nullptr ? stream_.msg : "bad data");
      } else if (consumed_ == input.size()) {
        return "the gzip data is truncated";
      }
    }
  }

  size_t consumed() const { return consumed_; }

 private:
  int inflate_chunk(size_t limit, std::string& out) {
    int status = Z_OK;
    do {
      const size_t old = out.size();
      out.resize(old + std::min(kChunk, limit - old));
      stream_.next_out = reinterpret_cast<Bytef*>(out.data() + old);
      stream_.avail_out = static_cast<uInt>(out.size() - old);
      status = inflate(&stream_, Z_NO_FLUSH);
      out.resize(out.size() - stream_.avail_out);
    } while (status == Z_OK && stream_.avail_out == 0 && out.size() < limit);
    return status;
  }

  z_stream stream_{};
  bool ready_ = false;
  size_t consumed_ = 0;
};

std::string deflate_gzip(std::string_view content) {
  z_stream stream{};
  if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    return {};
  std::string out;
  std::string buffer(kChunk, '\0');
  size_t consumed = 0;
  int status = Z_OK;
  while (status == Z_OK) {
    const std::string_view chunk = content.substr(consumed, kChunk);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(chunk.data()));
    stream.avail_in = static_cast<uInt>(chunk.size());
    const bool last = consumed + chunk.size() == content.size();
    do {
      stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
      stream.avail_out = static_cast<uInt>(buffer.size());
      status = deflate(&stream, last ? Z_FINISH : Z_NO_FLUSH);
      out.append(buffer.data(), buffer.size() - stream.avail_out);
    } while (stream.avail_out == 0);
    consumed += chunk.size();
    if (last) break;
  }
  deflateEnd(&stream);
  return out;
}

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

}  // namespace

tl::expected<std::string, std::string> read_file(const std::string& path) {
  auto raw = read_raw(path, std::string::npos);
  if (!raw || raw->compare(0, kGzipMagic.size(), kGzipMagic) != 0) return raw;
  std::string content;
  Inflater inflater;
  const std::string wrong = inflater.run(*raw, std::string::npos, content);
  if (!wrong.empty()) {
    return tl::make_unexpected(fmt::format("{}: {} at byte {} of {}; copy or capture the file again", path,
                                           wrong, inflater.consumed(), raw->size()));
  }
  return content;
}

tl::expected<std::string, std::string> read_head(const std::string& path, size_t size) {
  // Enough compressed bytes for any useful head: a deflate block of text is rarely worse than its plain size.
  auto raw = read_raw(path, size + kChunk);
  if (!raw) return raw;
  if (raw->compare(0, kGzipMagic.size(), kGzipMagic) != 0) return raw->substr(0, size);
  std::string content;
  Inflater().run(*raw, size, content);
  return content;
}

bool looks_like_json(std::string_view head) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  constexpr std::string_view kWhitespace = " \t\r\n";
  if (head.substr(0, kByteOrderMark.size()) == kByteOrderMark) head.remove_prefix(kByteOrderMark.size());
  const size_t first = head.find_first_not_of(kWhitespace);
  if (first == std::string_view::npos || (head[first] != '{' && head[first] != '[')) return false;
  return std::all_of(head.begin(), head.end(), [&](char c) {
    return static_cast<unsigned char>(c) >= ' ' || kWhitespace.find(c) != std::string_view::npos;
  });
}

tl::expected<void, std::string> write_file(const std::string& path, std::string_view content) {
  const std::string packed = ends_with(path, ".gz") ? deflate_gzip(content) : std::string();
  const std::string_view bytes = packed.empty() ? content : std::string_view(packed);
  const std::string temporary = fmt::format("{}.{}.tmp", path, getpid());
  File file(std::fopen(temporary.c_str(), "wb"));
  if (!file) return failure(path, "cannot be written");
  const bool written = std::fwrite(bytes.data(), 1, bytes.size(), file.get()) == bytes.size();
  const bool closed = std::fclose(file.release()) == 0;
  if (!written || !closed || std::rename(temporary.c_str(), path.c_str()) != 0) {
    auto error = failure(path, "cannot be written");
    std::remove(temporary.c_str());
    return error;
  }
  return {};
}

}  // namespace railyard::trace
