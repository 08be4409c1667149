// SPDX-License-Identifier: BSD-3-Clause
#include "tools/report/headline.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "tools/report/number_format.h"

namespace railyard::report {
namespace {

using record::ComparedMetric;
using record::Spread;

// The full set is in comparison.csv.
constexpr std::array<std::string_view, 5> kDetails = {"iteration.max", "slowdown.p50", "background.fct.p50",
                                                      "background.fct.p99", "packet_hops"};
constexpr std::array<std::string_view, 3> kRare = {"flows.unfinished", "timeouts", "drops."};
constexpr std::string_view kBandwidth = "busbw.";
// A trace may name hundreds of operations; the page's own table of collectives shows more.
constexpr size_t kMostBandwidthRows = 8;

bool starts_with(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

bool is_zero_everywhere(const ComparedMetric& metric) {
  return std::all_of(metric.spread.begin(), metric.spread.end(),
                     [](const auto& spread) { return !spread || spread->max == 0; });
}

bool is_headline(const ComparedMetric& metric) {
  const std::string_view name = metric.info.name;
  if (std::find(kDetails.begin(), kDetails.end(), name) != kDetails.end()) return false;
  const bool rare = std::any_of(kRare.begin(), kRare.end(), [&](auto r) { return starts_with(name, r); });
  return !rare || !is_zero_everywhere(metric);
}

double largest_of(const ComparedMetric& metric) {
  double largest = 0;
  for (const auto& spread : metric.spread)
    if (spread) largest = std::max(largest, spread->max);
  return largest;
}

HeadlineCell cell_of(const Spread& spread, record::Unit unit, const DisplayUnit& display) {
  HeadlineCell cell;
  const std::string both = mean_and_interval(spread, unit, display);
  const size_t space = both.find(' ');
  cell.mean = both.substr(0, space);
  if (space == std::string::npos) return cell;
  cell.interval = both.substr(space + 1);
  if (spread.min < spread.max)
    cell.range = number(spread.min, unit, display) + ".." + number(spread.max, unit, display);
  return cell;
}

// Several may share it: no drops at all, for one.
bool has_best_mean(const ComparedMetric& metric, size_t setting) {
  return metric.spread[setting]->mean == metric.spread[*metric.best]->mean;
}

HeadlineRow row_of(const ComparedMetric& metric) {
  const record::Unit unit = metric.info.unit;
  const DisplayUnit display = display_unit(unit, largest_of(metric));
  HeadlineRow row{metric.info.name, metric.info.label, {}};
  if (!display.name.empty()) row.label += " (" + display.name + ")";
  for (size_t i = 0; i < metric.spread.size(); ++i) {
    row.cells.push_back(metric.spread[i] ? cell_of(*metric.spread[i], unit, display)
                                         : HeadlineCell{"-", "", "", Mark::None});
    if (metric.is_marked(i)) row.cells.back().mark = has_best_mean(metric, i) ? Mark::Best : Mark::Tied;
  }
  return row;
}

}  // namespace

std::vector<HeadlineRow> headline_rows(const record::Comparison& comparison) {
  std::vector<HeadlineRow> rows;
  size_t bandwidth_rows = 0;
  for (const ComparedMetric& metric : comparison.metrics) {
    if (!is_headline(metric)) continue;
    if (starts_with(metric.info.name, kBandwidth) && ++bandwidth_rows > kMostBandwidthRows) continue;
    rows.push_back(row_of(metric));
  }
  return rows;
}

}  // namespace railyard::report
