// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/trace/statistics.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <numeric>
#include <utility>

#include "traffic/pattern/trace/names.h"

namespace railyard::trace {
namespace {

using Key = std::pair<std::string, uint32_t>;  // kind, size of the group

// Each collective on the first member of its group only.
std::map<Key, std::vector<uint64_t>> sizes_of(const Trace& trace) {
  std::map<Key, std::vector<uint64_t>> sizes;
  for (const Rank& rank : trace.ranks()) {
    for (const Operation& operation : rank.operations()) {
      if (operation.has_send()) sizes[{"send", 0}].push_back(operation.send().bytes());
      if (!operation.has_collective()) continue;
      const Collective& c = operation.collective();
      if (c.group() >= static_cast<uint32_t>(trace.header().groups_size())) continue;
      const Group& group = trace.header().groups(static_cast<int>(c.group()));
      if (group.ranks().empty() || group.ranks(0) != rank.rank()) continue;
      sizes[{std::string(name_of(c.kind())), static_cast<uint32_t>(group.ranks_size())}].push_back(c.bytes());
    }
  }
  return sizes;
}

Spread spread_of(const std::vector<uint64_t>& values) {
  if (values.empty()) return {};
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  return {*least, std::accumulate(values.begin(), values.end(), uint64_t{0}) / values.size(), *most};
}

}  // namespace

TraceStatistics statistics_of(const Trace& trace) {
  TraceStatistics statistics;
  for (auto& [key, sizes] : sizes_of(trace)) {
    std::vector<uint64_t> sorted = sizes;
    std::sort(sorted.begin(), sorted.end());
    statistics.rows.push_back({key.first, key.second, sorted.size(),
                               std::accumulate(sorted.begin(), sorted.end(), uint64_t{0}), sorted.front(),
                               sorted[sorted.size() / 2], sorted.back()});
  }
  std::stable_sort(statistics.rows.begin(), statistics.rows.end(),
                   [](const TrafficRow& a, const TrafficRow& b) { return a.bytes > b.bytes; });
  std::vector<uint64_t> compute_ns, operations;
  for (const Rank& rank : trace.ranks()) {
    if (rank.operations().empty()) continue;
    uint64_t sum = 0;
    for (const Operation& operation : rank.operations()) sum += operation.compute().duration_ns();
    compute_ns.push_back(sum);
    operations.push_back(static_cast<uint64_t>(rank.operations_size()));
  }
  statistics.compute_ns = spread_of(compute_ns);
  statistics.operations = spread_of(operations);
  return statistics;
}

std::string to_text(const TraceStatistics& statistics) {
  std::string out = fmt::format("{:<16} {:>6} {:>9} {:>18} {:>12} {:>12} {:>12}\n", "what", "ranks", "count",
                                "bytes", "smallest", "median", "largest");
  for (const TrafficRow& row : statistics.rows) {
    out += fmt::format("{:<16} {:>6} {:>9} {:>18} {:>12} {:>12} {:>12}\n", row.kind,
                       row.group_size == 0 ? "-" : std::to_string(row.group_size), row.count, row.bytes,
                       row.smallest, row.median, row.largest);
  }
  const auto ms = [](uint64_t ns) { return static_cast<double>(ns) * 1e-6; };
  const Spread& compute = statistics.compute_ns;
  const Spread& operations = statistics.operations;
  out += fmt::format("compute of a rank, ms    {:.3f} to {:.3f}, mean {:.3f}\n", ms(compute.least),
                     ms(compute.most), ms(compute.mean));
  out += fmt::format("operations of a rank     {} to {}, mean {}\n", operations.least, operations.most,
                     operations.mean);
  return out;
}

}  // namespace railyard::trace
