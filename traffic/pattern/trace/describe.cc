// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/trace/describe.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <vector>

#include "traffic/pattern/trace/names.h"

namespace railyard::trace {
namespace {

// A 3D-parallel job has hundreds of groups, and ranks of many kinds: the first ones tell the shape.
constexpr size_t kMaxGroups = 12;
constexpr size_t kMaxTables = 8;

// One kind of traffic of a rank, in the order of its first occurrence.
struct Row {
  std::string what;
  std::string group;
  uint64_t bytes = 0;
  uint64_t count = 0;
};

struct Summary {
  std::vector<Row> rows;
  uint64_t compute_operations = 0;
};

bool operator<(const Row& a, const Row& b) {
  return std::tie(a.what, a.group, a.bytes, a.count) < std::tie(b.what, b.group, b.bytes, b.count);
}

bool operator<(const Summary& a, const Summary& b) {
  return a.rows < b.rows;
}

std::string shorten(std::string_view text, size_t width) {
  if (text.size() <= width) return std::string(text);
  return std::string(text.substr(0, width - 3)) + "...";
}

void count(Summary& summary, Row row) {
  for (Row& known : summary.rows) {
    if (known.what == row.what && known.group == row.group && known.bytes == row.bytes) {
      ++known.count;
      return;
    }
  }
  row.count = 1;
  summary.rows.push_back(std::move(row));
}

std::string group_name(const Trace& trace, uint32_t group) {
  if (group >= static_cast<uint32_t>(trace.header().groups_size())) return fmt::format("{}?", group);
  return trace.header().groups(static_cast<int>(group)).name();
}

Summary summarize(const Trace& trace, const Rank& rank) {
  Summary summary;
  for (const Operation& operation : rank.operations()) {
    if (operation.has_compute()) {
      ++summary.compute_operations;
    } else if (operation.has_collective()) {
      const Collective& c = operation.collective();
      const std::string_view uneven = c.split_bytes().empty() ? "" : " (uneven)";
      count(summary,
            {fmt::format("{}{}", name_of(c.kind()), uneven), group_name(trace, c.group()), c.bytes(), 0});
    } else if (operation.has_send()) {
      count(summary, {"send", "-", operation.send().bytes(), 0});
    } else if (operation.has_receive()) {
      count(summary, {"receive", "-", operation.receive().bytes(), 0});
    }
  }
  return summary;
}

// "1,576,964"
std::string with_commas(uint64_t value) {
  std::string digits = std::to_string(value);
  for (size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, ",");
  return digits;
}

// "0-3, 8, 10-15"
std::string ranges(const std::vector<uint32_t>& sorted) {
  std::string text;
  for (size_t i = 0; i < sorted.size();) {
    size_t last = i;
    while (last + 1 < sorted.size() && sorted[last + 1] == sorted[last] + 1) ++last;
    if (!text.empty()) text += ", ";
    text += last == i ? fmt::format("{}", sorted[i]) : fmt::format("{}-{}", sorted[i], sorted[last]);
    i = last + 1;
  }
  return text;
}

void append_groups(const Trace& trace, std::string& out) {
  const auto& groups = trace.header().groups();
  out += fmt::format("groups    {}\n", groups.size());
  for (int g = 0; g < std::min<int>(groups.size(), kMaxGroups); ++g) {
    const std::vector<uint32_t> members(groups[g].ranks().begin(), groups[g].ranks().end());
    out += fmt::format("  {:<20} {:>5} ranks: {}\n", shorten(groups[g].name(), 20), members.size(),
                       shorten(ranges(members), 42));
  }
  if (groups.size() > static_cast<int>(kMaxGroups))
    out += fmt::format("  ... and {} more\n", groups.size() - kMaxGroups);
}

// The step on a network that takes no time, on the rank where that is longest.
uint64_t longest_compute_ns(const Trace& trace) {
  uint64_t longest = 0;
  for (const Rank& rank : trace.ranks()) {
    std::vector<uint64_t> end(static_cast<size_t>(rank.operations_size()), 0);
    for (size_t i = 0; i < end.size(); ++i) {
      const Operation& operation = rank.operations(static_cast<int>(i));
      for (const uint32_t distance : operation.after()) {
        if (distance <= i) end[i] = std::max(end[i], end[i - distance]);
      }
      end[i] += operation.compute().duration_ns();
      longest = std::max(longest, end[i]);
    }
  }
  return longest;
}

void append_tables(const Trace& trace, std::string& out) {
  std::map<Summary, std::vector<uint32_t>> ranks_by_summary;
  std::vector<Summary> order;
  for (const Rank& rank : trace.ranks()) {
    Summary summary = summarize(trace, rank);
    auto [known, is_new] = ranks_by_summary.try_emplace(summary);
    if (is_new) order.push_back(summary);
    known->second.push_back(rank.rank());
  }
  for (size_t i = 0; i < std::min(order.size(), kMaxTables); ++i) {
    const Summary& summary = order[i];
    out += fmt::format("\nrank {}\n", shorten(ranges(ranks_by_summary.at(summary)), 74));
    out += fmt::format("  {:<24} {:<18} {:>8} {:>20}\n", "operation", "group", "count", "bytes each");
    for (const Row& row : summary.rows) {
      out += fmt::format("  {:<24} {:<18} {:>8} {:>20}\n", row.what, shorten(row.group, 18), row.count,
                         with_commas(row.bytes));
    }
    out += fmt::format("  {:<24} {:<18} {:>8}\n", "compute", "-", summary.compute_operations);
  }
  if (order.size() > kMaxTables)
    out += fmt::format("\n... and {} more kinds of ranks\n", order.size() - kMaxTables);
}

}  // namespace

std::string describe(const Trace& trace) {
  std::string out;
  out += fmt::format("trace     {}\n", shorten(trace.header().name(), 70));
  out += fmt::format("source    {}\n", shorten(trace.header().source(), 70));
  out += fmt::format("ranks     {}\n", trace.ranks_size());
  append_groups(trace, out);
  const double compute_ms = static_cast<double>(longest_compute_ns(trace)) * 1e-6;
  out += fmt::format("compute   {:.3f} ms at least, on the busiest rank\n", compute_ms);
  append_tables(trace, out);
  return out;
}

}  // namespace railyard::trace
