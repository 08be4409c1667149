// SPDX-License-Identifier: BSD-3-Clause
#include "tools/report/headline.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "tools/report/number_format.h"

namespace railyard::report {
namespace {

using record::ComparedMetric;
using record::Outcome;
using record::Spread;

// The full set is in comparison.csv.
constexpr std::array<std::string_view, 5> kDetails = {"iteration.max", "slowdown.p50", "background.fct.p50",
                                                      "background.fct.p99", "packet_hops"};
constexpr std::array<std::string_view, 3> kRare = {"flows.unfinished", "timeouts", "drops."};
constexpr std::string_view kBandwidth = "busbw.";
// A trace may name hundreds of operations; the page's own table of collectives shows more.
constexpr size_t kMostBandwidthRows = 8;

constexpr const char* kNoValue = "-";

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

HeadlineCell cell_of(const ComparedMetric& metric, size_t setting, const DisplayUnit& display) {
  const record::Unit unit = metric.info.unit;
  const Spread& spread = *metric.spread[setting];
  HeadlineCell cell;
  if (metric.split) {
    const int decimals = decimals_apart(spread.min, spread.max, display);
    cell.center = with_digits(spread.median, display);
    if (spread.min < spread.max)
      cell.range =
          with_decimals(spread.min, decimals, display) + ".." + with_decimals(spread.max, decimals, display);
    return cell;
  }
  const std::string low = number(spread.min, unit, display), high = number(spread.max, unit, display);
  if (low != high) cell.range = low + ".." + high;
  const std::string both = mean_and_interval(spread, unit, display);
  const size_t space = both.find(' ');
  cell.center = both.substr(0, space);
  if (space != std::string::npos) cell.interval = both.substr(space + 1);
  return cell;
}

// With one seed nothing can be told apart, and nothing is marked.
Mark mark_of(const ComparedMetric& metric, size_t setting) {
  if (!metric.best) return Mark::None;
  const bool tested = std::any_of(metric.from_best.begin(), metric.from_best.end(),
                                  [](const auto& d) { return d.outcome != Outcome::Unknown; });
  if (!tested) return Mark::None;
  if (metric.is_best(setting)) return Mark::Best;
  switch (metric.from_best[setting].outcome) {
    case Outcome::Undecided:
      return Mark::Tied;
    case Outcome::Same:
    case Outcome::Identical:
      return Mark::Same;
    case Outcome::Untested:
      return Mark::Untested;
    case Outcome::Worse:
      return Mark::Worse;
    case Outcome::Unknown:
      break;
  }
  return Mark::None;
}

HeadlineRow row_of(const ComparedMetric& metric) {
  const DisplayUnit display = display_unit(metric.info.unit, largest_of(metric));
  HeadlineRow row{metric.info.name, metric.info.label, metric.split, {}};
  if (metric.split) row.label += " med.";
  if (!display.name.empty()) row.label += " (" + display.name + ")";
  for (size_t i = 0; i < metric.spread.size(); ++i) {
    row.cells.push_back(metric.spread[i] ? cell_of(metric, i, display)
                                         : HeadlineCell{kNoValue, "", "", Mark::None});
    row.cells.back().mark = mark_of(metric, i);
  }
  return row;
}

template <class Predicate>
bool some_cell(const std::vector<HeadlineRow>& rows, Predicate predicate) {
  return std::any_of(rows.begin(), rows.end(), [&](const HeadlineRow& row) {
    return std::any_of(row.cells.begin(), row.cells.end(), predicate);
  });
}

}  // namespace

char sign_of(Mark mark) {
  switch (mark) {
    case Mark::Best:
      return '*';
    case Mark::Tied:
      return '~';
    case Mark::Same:
      return '=';
    case Mark::Untested:
      return '?';
    case Mark::Worse:
    case Mark::None:
      break;
  }
  return ' ';
}

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

std::string legend(const record::Comparison& comparison) {
  if (comparison.seeds < 2) return "One seed: nothing can be said about chance.";
  const std::vector<HeadlineRow> rows = headline_rows(comparison);
  std::string text = fmt::format("Mean of {} seeds ± half of its 95 % interval", comparison.seeds);
  if (std::any_of(rows.begin(), rows.end(), [](const HeadlineRow& row) { return row.medians; }))
    text += "; where the values lie in two groups, their median (med.) and [range]";
  text += ".";
  const std::string matters = stated_percent(comparison.rule.least_difference);
  const std::array<std::pair<Mark, std::string>, 4> meanings = {
      {{Mark::Best, "best"},
       {Mark::Tied, "not told apart from the best"},
       {Mark::Same, "the same within " + matters},
       {Mark::Untested, "too few seeds to be tested"}}};
  const auto shows = [&rows](Mark mark) {
    return some_cell(rows, [mark](const HeadlineCell& cell) { return cell.mark == mark; });
  };
  std::vector<std::string> shown;
  for (const auto& [mark, meaning] : meanings)
    if (shows(mark)) shown.push_back(fmt::format("{} {}", sign_of(mark), meaning));
  if (shows(Mark::Worse)) shown.push_back(fmt::format("no mark beside a {}: worse", sign_of(Mark::Best)));
  if (some_cell(rows, [](const HeadlineCell& cell) { return cell.center == kNoValue; }))
    shown.emplace_back("- no value");
  if (!shown.empty()) text += fmt::format(" {}.", fmt::join(shown, "; "));
  return text;
}

}  // namespace railyard::report
