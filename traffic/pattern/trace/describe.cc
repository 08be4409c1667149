// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/trace/describe.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <vector>

#include "traffic/pattern/trace/names.h"
#include "traffic/pattern/trace/unattributed.h"

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

std::string bytes_of(uint64_t bytes) {
  return with_commas(bytes) + " B";
}

void append_unattributed(const Header& header, std::string& out) {
  if (header.unattributed().empty()) return;
  out +=
      fmt::format("left out  {:.1f} % of the communication is not attributed, neither sent nor computed:\n",
                  unattributed_share(header) * 100);
  for (const Unattributed& one : header.unattributed()) {
    out += fmt::format("  {:>6} x ", one.count());
    if (one.time_ns() == 0) {
      out += shorten(one.what(), 56) + '\n';
    } else {
      const std::string time = fmt::format("{:.3f} ms", static_cast<double>(one.time_ns()) * 1e-6);
      out += fmt::format("{:<56} {:>12}\n", shorten(one.what(), 56), time);
    }
  }
}

void append_ranks(const Trace& trace, std::string& out) {
  std::vector<uint32_t> empty;
  for (const Rank& rank : trace.ranks()) {
    if (rank.operations().empty()) empty.push_back(rank.rank());
  }
  out += fmt::format("ranks     {}", trace.ranks_size());
  if (!empty.empty()) out += fmt::format(", without operations: {}", shorten(ranges(empty), 45));
  out += '\n';
  std::string steps;
  for (const std::string& step : trace.header().steps()) steps += (steps.empty() ? "" : ", ") + step;
  if (!steps.empty()) out += fmt::format("steps     {}\n", shorten(steps, 70));
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
    if (rank.operations().empty()) continue;
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

std::string text_of(const Trace& trace, const Operation& operation) {
  switch (operation.what_case()) {
    case Operation::kCompute:
      return fmt::format("compute {:.3f} us", static_cast<double>(operation.compute().duration_ns()) * 1e-3);
    case Operation::kCollective: {
      const Collective& c = operation.collective();
      return fmt::format("{} {} in {}{}", name_of(c.kind()), bytes_of(c.bytes()),
                         group_name(trace, c.group()), c.split_bytes().empty() ? "" : " (uneven)");
    }
    case Operation::kSend:
      return fmt::format("send {} to {}", bytes_of(operation.send().bytes()), operation.send().peer());
    case Operation::kReceive:
      return fmt::format("receive {} from {}", bytes_of(operation.receive().bytes()),
                         operation.receive().peer());
    default:
      return "nothing";
  }
}

}  // namespace

std::string list_operations(const Trace& trace) {
  std::string out;
  for (const Rank& rank : trace.ranks()) {
    if (rank.operations().empty()) continue;
    out += fmt::format("\nrank {}\n{:>6} {:>13}  {:<44} {}\n", rank.rank(), "number", "start us", "operation",
                       "after");
    for (int i = 0; i < rank.operations_size(); ++i) {
      const Operation& operation = rank.operations(i);
      std::string after;
      for (const uint32_t distance : operation.after())
        after += fmt::format("{}{}", after.empty() ? "" : ", ", i - static_cast<int64_t>(distance));
      const std::string start =
          operation.has_compute() || operation.captured_start_ns() == 0
              ? ""
              : fmt::format("{:.3f}", static_cast<double>(operation.captured_start_ns()) * 1e-3);
      out +=
          fmt::format("{:>6} {:>13}  {:<44} {}\n", i, start, shorten(text_of(trace, operation), 44), after);
    }
  }
  return out;
}

std::string describe(const Trace& trace) {
  std::string out;
  out += fmt::format("trace     {}\n", shorten(trace.header().name(), 70));
  out += fmt::format("source    {}\n", shorten(trace.header().source(), 70));
  append_ranks(trace, out);
  append_groups(trace, out);
  const double compute_ms = static_cast<double>(longest_compute_ns(trace)) * 1e-6;
  out += fmt::format("compute   {:.3f} ms at least, on the busiest rank\n", compute_ms);
  append_unattributed(trace.header(), out);
  append_tables(trace, out);
  return out;
}

}  // namespace railyard::trace
