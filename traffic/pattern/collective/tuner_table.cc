// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/collective/tuner_table.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "traffic/pattern/collective/algorithm.h"

namespace railyard::collective {
namespace {

constexpr std::string_view kColumns =
    "collective_type,min_bytes,max_bytes,algorithm,protocol,channels,nNodes,nRanks[,numPipeOps[,regBuff]]";
constexpr size_t kFewest = 8, kMost = 10;

template <class T>
using Names = std::vector<std::pair<std::string_view, T>>;

const Names<Kind> kKindNames = {{"allreduce", Kind::AllReduce},
                                {"allgather", Kind::AllGather},
                                {"reducescatter", Kind::ReduceScatter},
                                {"broadcast", Kind::Broadcast},
                                {"reduce", Kind::Reduce}};
const Names<Protocol> kProtocols = {
    {"ll", Protocol::LL}, {"ll128", Protocol::LL128}, {"simple", Protocol::Simple}};

// NCCL's algorithms: for which kinds it has them, and with which protocols.
struct NcclAlgorithm {
  std::string_view name;
  std::vector<std::string_view> kinds;
  bool simple_only;
  std::optional<TunedAlgorithm> tuned;  // none: Railyard does not carry it
};
const std::array<NcclAlgorithm, 7> kAlgorithms = {
    {{"ring",
      {"allreduce", "allgather", "reducescatter", "broadcast", "reduce"},
      false,
      TunedAlgorithm::Ring},
     {"tree", {"allreduce"}, false, TunedAlgorithm::Tree},
     {"pat", {"allgather", "reducescatter"}, true, TunedAlgorithm::Pat},
     {"nvls", {"allreduce", "allgather", "reducescatter"}, true, std::nullopt},
     {"nvls_tree", {"allreduce"}, true, std::nullopt},
     {"collnet_direct", {"allreduce", "allgather", "reducescatter"}, true, std::nullopt},
     {"collnet_chain", {"allreduce"}, true, std::nullopt}}};

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r";
  const size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

std::vector<std::string_view> split(std::string_view text, std::string_view at) {
  std::vector<std::string_view> parts;
  for (;;) {
    const size_t end = text.find_first_of(at);
    parts.push_back(trimmed(text.substr(0, end)));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

using Problem = tl::unexpected<std::string>;

template <class... Args>
Problem problem(fmt::format_string<Args...> format, Args&&... args) {
  return tl::make_unexpected(fmt::format(format, std::forward<Args>(args)...));
}

tl::expected<uint64_t, std::string> size_of(std::string_view what, std::string_view text) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size())
    return problem("{}: '{}' is not a number of bytes", what, text);
  return value;
}

// -1 is any.
tl::expected<std::optional<uint32_t>, std::string> count_of(std::string_view what, std::string_view text,
                                                            uint32_t least = 1) {
  if (text == "-1") return std::optional<uint32_t>();
  uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < least)
    return problem("{}: '{}' is neither -1 nor a number of at least {}", what, text, least);
  return value;
}

template <class T>
std::string names_of(const T& all) {
  std::string names;
  for (const auto& each : all) {
    names += names.empty() ? "" : ", ";
    if constexpr (std::is_same_v<T, Names<Protocol>>)
      names += each.first;
    else
      names += each.name;
  }
  return names;
}

// A row; none where it can match nothing.
class RowReader {
 public:
  explicit RowReader(std::vector<std::string_view> fields) : fields_(std::move(fields)) {}

  tl::expected<std::optional<TunerRow>, std::string> read() {
    if (fields_.size() < kFewest || fields_.size() > kMost)
      return problem("it has {} fields, and a row has {} to {}: {}", fields_.size(), kFewest, kMost,
                     kColumns);
    if (auto sizes = read_sizes(); !sizes) return tl::make_unexpected(sizes.error());
    if (auto counts = read_counts(); !counts) return tl::make_unexpected(counts.error());
    const auto carried = read_way();
    if (!carried) return tl::make_unexpected(carried.error());
    return *carried && can_match_ ? std::optional(row_) : std::nullopt;
  }

 private:
  using Read = tl::expected<void, std::string>;

  Read read_sizes() {
    const auto min = size_of("min_bytes", fields_[1]), max = size_of("max_bytes", fields_[2]);
    if (!min) return tl::make_unexpected(min.error());
    if (!max) return tl::make_unexpected(max.error());
    if (*min > *max) return problem("min_bytes ({}) is above max_bytes ({})", *min, *max);
    row_.min_bytes = *min, row_.max_bytes = *max;
    return {};
  }

  Read read_counts() {
    const std::pair<std::string_view, std::optional<uint32_t>*> counts[] = {
        {"channels", &row_.channels}, {"nNodes", &row_.hosts}, {"nRanks", &row_.ranks}};
    for (size_t i = 0; i < 3; ++i) {
      const auto count = count_of(counts[i].first, fields_[5 + i]);
      if (!count) return tl::make_unexpected(count.error());
      *counts[i].second = *count;
    }
    if (fields_.size() > kFewest) {
      const auto operations = count_of("numPipeOps", fields_[8]);
      if (!operations) return tl::make_unexpected(operations.error());
      can_match_ &= operations->value_or(1) == 1;
    }
    if (fields_.size() == kMost) {
      const auto registered = count_of("regBuff", fields_[9], 0);
      if (!registered) return tl::make_unexpected(registered.error());
      if (registered->value_or(0) > 1) return problem("regBuff: '{}' is none of -1, 0 and 1", fields_[9]);
      can_match_ &= registered->value_or(0) == 0;
    }
    return {};
  }

  // Whether there is such a way.
  tl::expected<bool, std::string> read_way() {
    const auto kind =
        std::find_if(kKindNames.begin(), kKindNames.end(), [&](auto& k) { return k.first == fields_[0]; });
    if (kind == kKindNames.end())
      return problem(
          "there is no collective_type '{}': allreduce, allgather, reducescatter, broadcast, reduce",
          fields_[0]);
    const auto algorithm = std::find_if(kAlgorithms.begin(), kAlgorithms.end(),
                                        [&](const NcclAlgorithm& a) { return a.name == fields_[3]; });
    if (algorithm == kAlgorithms.end())
      return problem("there is no algorithm '{}': {}", fields_[3], names_of(kAlgorithms));
    const auto protocol =
        std::find_if(kProtocols.begin(), kProtocols.end(), [&](auto& p) { return p.first == fields_[4]; });
    if (protocol == kProtocols.end())
      return problem("there is no protocol '{}': {}", fields_[4], names_of(kProtocols));
    row_.protocol = protocol->second;
    const bool nccl_has_it =
        std::find(algorithm->kinds.begin(), algorithm->kinds.end(), fields_[0]) != algorithm->kinds.end() &&
        (!algorithm->simple_only || row_.protocol == Protocol::Simple);
    if (!nccl_has_it) return false;
    const bool carried = algorithm->tuned && is_offered(kind->second, *algorithm->tuned);
    if (!carried)
      return problem(
          "Railyard does not carry {} by '{}'; remove the row, or name one that it carries (railyard "
          "list algorithms)",
          fields_[0], fields_[3]);
    row_.kind = kind->second;
    row_.algorithm = *algorithm->tuned;
    return true;
  }

  const std::vector<std::string_view> fields_;
  TunerRow row_;
  bool can_match_ = true;
};

template <class T>
std::string_view name_in(const Names<T>& names, T value) {
  return std::find_if(names.begin(), names.end(), [&](auto& n) { return n.second == value; })->first;
}

std::string number(const std::optional<uint32_t>& count) {
  return count ? std::to_string(*count) : "-1";
}

}  // namespace

tl::expected<std::vector<TunerRow>, std::string> parse_tuner_table(std::string_view text) {
  std::vector<TunerRow> rows;
  size_t line = 0;
  for (const std::string_view of_line : split(text, "\n")) {
    ++line;
    if (of_line.empty() || of_line.front() == '#') continue;
    for (const std::string_view row : split(of_line, ";")) {
      std::vector<std::string_view> fields = split(row, ",");
      if (fields[0] == "collective_type" || row.empty()) continue;
      const auto read = RowReader(std::move(fields)).read();
      if (!read) return problem("line {}: {}", line, read.error());
      if (*read) rows.push_back(**read);
    }
  }
  return rows;
}

std::string one_line(const std::vector<TunerRow>& rows) {
  std::string text;
  for (const TunerRow& row : rows)
    text +=
        fmt::format("{}{},{},{},{},{},{},{},{}", text.empty() ? "" : ";", name_in(kKindNames, row.kind),
                    row.min_bytes, row.max_bytes, name_of(row.algorithm), name_in(kProtocols, row.protocol),
                    number(row.channels), number(row.hosts), number(row.ranks));
  return text;
}

}  // namespace railyard::collective
