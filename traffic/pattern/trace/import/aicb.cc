// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/trace/import/aicb.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <utility>

#include "traffic/pattern/trace/file_bytes.h"
#include "traffic/pattern/trace/import/assemble.h"
#include "traffic/pattern/trace/import/capture_files.h"
#include "traffic/pattern/trace/import/kineto_names.h"
#include "traffic/pattern/trace/import/parallel_group_table.h"
#include "traffic/pattern/trace/names.h"
#include "traffic/pattern/trace/rank_builder.h"

namespace railyard::trace {
namespace {

using Failure = tl::unexpected<std::string>;

constexpr std::string_view kColumns = "comm_type,comm_group,comm_group_size,msg_size";
constexpr uint64_t kMaxOperations = uint64_t{1} << 24;  // of all ranks
constexpr double kMaxSeconds = 1e6;

struct Row {
  size_t line = 0;
  std::string type, group, stage;
  uint32_t group_size = 0;
  uint64_t bytes = 0;
  uint64_t elapsed_ns = 0;
  uint64_t count = 1;
};

struct Section {
  std::set<uint32_t> ranks;
  std::vector<Row> rows;
};

// "CommType.all_reduce" is "all_reduce".
std::string after_dot(std::string_view text) {
  const size_t dot = text.rfind('.');
  return std::string(dot == std::string_view::npos ? text : text.substr(dot + 1));
}

uint64_t unsigned_of(std::string_view text) {
  uint64_t value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed == std::errc() && end == text.data() + text.size()) return value;
  return 0;
}

class Parser {
 public:
  explicit Parser(std::string path) : path_(std::move(path)) {}

  tl::expected<std::vector<Section>, std::string> run(std::string_view text) {
    while (!text.empty()) {
      const size_t end = text.find('\n');
      std::string_view line = text.substr(0, end);
      text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
      ++line_;
      while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
      if (line.empty() || line.substr(0, kColumns.size()) == kColumns) continue;
      auto read = line[0] == '[' ? read_section(line) : read_row(line);
      if (!read) return tl::make_unexpected(read.error());
    }
    if (sections_.empty()) return failure("has no '[rank0 ~ rankN]': it is no workload of AICB");
    return std::move(sections_);
  }

 private:
  Failure failure(const std::string& what) const {
    return tl::make_unexpected(fmt::format("{}:{}: {}", path_, line_, what));
  }

  // "[rank0 ~ rank127]" or "[ pp_stage0: [rank0, rank1, ...] ]"
  tl::expected<void, std::string> read_section(std::string_view line) {
    constexpr std::string_view kRank = "rank";
    std::vector<uint32_t> named;
    for (size_t at = line.find(kRank); at != std::string_view::npos; at = line.find(kRank, at)) {
      at += kRank.size();
      uint32_t rank = 0;
      const auto [end, failed] = std::from_chars(line.data() + at, line.data() + line.size(), rank);
      if (failed != std::errc() || rank >= kMaxCaptureRank)
        return failure("the ranks of the section are unclear");
      named.push_back(rank);
    }
    if (named.empty()) return failure("the section names no ranks");
    Section section;
    if (line.find('~') != std::string_view::npos && named.size() == 2) {
      for (uint32_t r = named[0]; r <= named[1]; ++r) section.ranks.insert(r);
    } else {
      section.ranks.insert(named.begin(), named.end());
    }
    sections_.push_back(std::move(section));
    return {};
  }

  tl::expected<void, std::string> read_row(std::string_view line) {
    constexpr size_t kLeast = 5, kElapsed = 8, kCount = 11;
    if (sections_.empty()) return failure("a row before the first '[rank0 ~ rankN]'");
    std::vector<std::string_view> cells;
    for (size_t begin = 0; begin <= line.size();) {
      const size_t end = std::min(line.find(',', begin), line.size());
      cells.push_back(line.substr(begin, end - begin));
      begin = end + 1;
    }
    if (cells.size() < kLeast) return failure("a row has fewer columns than the header");
    Row row;
    row.line = line_;
    row.type = after_dot(cells[0]);
    row.group = after_dot(cells[1]);
    row.stage = std::string(cells[4]);
    row.group_size = static_cast<uint32_t>(std::min<uint64_t>(unsigned_of(cells[2]), kMaxCaptureRank));
    row.bytes = unsigned_of(cells[3]);
    if (row.bytes > static_cast<uint64_t>(kMaxCaptureBytes))
      return failure("msg_size is no size of a message");
    if (cells.size() > kElapsed) {
      const nlohmann::json elapsed = nlohmann::json::parse(cells[kElapsed], nullptr, false);
      const double seconds = elapsed.is_number() ? elapsed.get<double>() : 0;
      if (seconds > 0 && seconds < kMaxSeconds)
        row.elapsed_ns = static_cast<uint64_t>(std::llround(seconds * 1e9));
    }
    if (cells.size() > kCount)
      row.count = std::clamp<uint64_t>(unsigned_of(cells[kCount]), 1, kMaxOperations);
    sections_.back().rows.push_back(std::move(row));
    return {};
  }

  const std::string path_;
  size_t line_ = 0;
  std::vector<Section> sections_;
};

std::optional<ParallelGroup> kind_of(const std::string& name) {
  static const std::map<std::string, ParallelGroup> known_groups = {
      {"all", ParallelGroup::World},
      {"tp_group", ParallelGroup::Tensor},
      {"dp_group", ParallelGroup::Data},
      {"ep_group", ParallelGroup::Expert},
      {"ep_dp_group", ParallelGroup::ExpertData},
      {"pp_group", ParallelGroup::Pipeline}};
  const auto known = known_groups.find(name);
  return known == known_groups.end() ? std::nullopt : std::optional(known->second);
}

class Converter {
 public:
  Converter(std::string path, const std::vector<Section>& sections)
      : path_(std::move(path)), sections_(sections) {
    for (const Section& section : sections) {
      if (!section.ranks.empty()) p_.world = std::max(p_.world, *section.ranks.rbegin() + 1);
      for (const Row& row : section.rows) {
        operations_ += row.count * section.ranks.size();
        if (row.group == "tp_group") p_.tensor = std::max(p_.tensor, row.group_size);
        if (row.group == "ep_group") p_.expert = std::max(p_.expert, row.group_size);
      }
    }
    p_.pipeline = static_cast<uint32_t>(sections.size());
  }

  tl::expected<ImportResult, std::string> run(const ImportOptions& options) {
    if (!p_.fits())
      return tl::make_unexpected(
          fmt::format("{}: {} ranks do not divide into tensor {} x {} sections, with {} experts' ranks",
                      path_, p_.world, p_.tensor, p_.pipeline, p_.expert));
    if (operations_ > kMaxOperations)
      return tl::make_unexpected(fmt::format(
          "{}: rows and ranks come to more than {} operations: write fewer steps", path_, kMaxOperations));
    std::vector<ImportedRank> ranks;
    for (const Section& section : sections_) {
      for (const uint32_t number : section.ranks) {
        auto rank = convert(section, number);
        if (!rank) return tl::make_unexpected(rank.error());
        ranks.push_back({path_, p_.world, std::move(*rank)});
      }
    }
    if (ledger_.empty()) return tl::make_unexpected(path_ + ": nothing is sent in it");
    auto trace = assemble(std::move(ranks), groups_.groups(), options);
    if (!trace) return tl::make_unexpected(trace.error());
    ledger_.append_to(*trace->mutable_header());
    return ImportResult{std::move(*trace), warnings_.lines()};
  }

 private:
  tl::expected<Rank, std::string> convert(const Section& section, uint32_t number) {
    Rank rank;
    rank.set_rank(number);
    RankBuilder builder(rank);
    RankBuilder::Indices last;
    for (const Row& row : section.rows) {
      if (row.type == "computation") {
        if (row.elapsed_ns > 0) last = {builder.compute(row.stage, row.elapsed_ns, last)};
        continue;
      }
      const CommunicationName what = parse_communication_name(row.type);
      if (row.type == "epoch_end" || row.bytes == 0) continue;
      const auto kind = kind_of(row.group);
      if (what.kind != CommunicationKind::Collective || !kind) {
        ledger_.leave_out(row.type,
                          kind ? "AICB does not name its peer, or it has no counterpart here"
                               : "its group is not known here",
                          row.elapsed_ns);
        continue;
      }
      const uint32_t members = group_of(p_, *kind, number).count;
      if (members != row.group_size)
        return tl::make_unexpected(fmt::format("{}:{}: {} of {} ranks, where the other rows make it {}",
                                               path_, row.line, row.group, row.group_size, members));
      if (has_root(what.collective) && number == 0) warnings_.add(root_is_assumed(what.collective));
      const uint32_t group = groups_.index_of(*kind, row.group, number);
      for (uint64_t i = 0; i < row.count; ++i) {
        last = {builder.collective(row.stage, what.collective, group, row.bytes, last)};
        ledger_.attribute(row.elapsed_ns);
      }
    }
    return rank;
  }

  const std::string path_;
  const std::vector<Section>& sections_;
  Parallelism p_;
  uint64_t operations_ = 0;
  ParallelGroupTable groups_{p_};
  CommunicationLedger ledger_;
  WarningCounter warnings_;
};

}  // namespace

bool recognises_aicb(std::string_view content) {
  return content.find(kColumns) != std::string_view::npos;
}

tl::expected<ImportResult, std::string> import_aicb(const std::vector<std::string>& files,
                                                    const ImportOptions& options) {
  if (files.size() != 1)
    return tl::make_unexpected(
        fmt::format("{}: a workload of AICB holds all ranks: import one file at a time", files.front()));
  const auto content = read_file(files.front());
  if (!content) return tl::make_unexpected(content.error());
  const auto sections = Parser(files.front()).run(*content);
  if (!sections) return tl::make_unexpected(sections.error());
  return Converter(files.front(), *sections).run(options);
}

}  // namespace railyard::trace
