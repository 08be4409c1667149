// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/trace/import/capture_files.h"

#include <fmt/format.h>

#include <algorithm>

#include <array>
#include <cctype>
#include <charconv>
#include <filesystem>
#include <string_view>

namespace railyard::trace {

std::optional<uint32_t> rank_at_end_of_name(const std::string& path) {
  std::string name = std::filesystem::path(path).filename().string();
  constexpr std::array<std::string_view, 8> kExtensions = {".gz",     ".json", ".pickle", ".pkl",
                                                           ".sqlite", ".txt",  ".log",    ".jsonl"};
  for (bool cut = true; cut;) {
    cut = false;
    for (const std::string_view extension : kExtensions) {
      if (name.size() <= extension.size() ||
          name.compare(name.size() - extension.size(), extension.size(), extension) != 0)
        continue;
      name.resize(name.size() - extension.size());
      cut = true;
    }
  }
  size_t begin = name.size();
  while (begin > 0 && std::isdigit(static_cast<unsigned char>(name[begin - 1])) != 0) --begin;
  uint32_t rank = 0;
  const char* const end = name.data() + name.size();
  const auto [stop, failed] = std::from_chars(name.data() + begin, end, rank);
  if (failed != std::errc() || stop != end || rank >= kMaxCaptureRank) return std::nullopt;
  return rank;
}

tl::expected<uint32_t, std::string> rank_of_file(const std::string& path, size_t files,
                                                 const ImportOptions& options) {
  if (options.rank) {
    if (files != 1) return tl::make_unexpected("a rank can be given for a single file only");
    return *options.rank;
  }
  if (const auto rank = rank_at_end_of_name(path)) return *rank;
  if (options.partial) return 0U;
  return tl::make_unexpected(
      fmt::format("{}: neither it nor its name says which rank it is: let its name end with the rank, as in "
                  "rank_3.json, or give "
                  "the rank of this one file (--rank)",
                  path));
}

int64_t counted_bytes(CollectiveKind kind, int64_t in, int64_t out, size_t group_size) {
  const auto of_all = [&](int64_t of_one) {
    const auto members = static_cast<int64_t>(group_size);
    return of_one < 0 || members == 0 || of_one > kMaxCaptureBytes / members ? -1 : of_one * members;
  };
  switch (kind) {
    case ALL_GATHER:
    case REDUCE_SCATTER:
      return std::max(in, out);
    case GATHER:
      return of_all(in);
    case SCATTER:
      return of_all(out);
    case BARRIER:
      return 0;
    default:
      return in < 0 ? out : in;
  }
}

}  // namespace railyard::trace
