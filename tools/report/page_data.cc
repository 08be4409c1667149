// SPDX-License-Identifier: BSD-3-Clause
#include "tools/report/page_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>

#include "tools/report/headline.h"
#include "tools/report/number_format.h"
#include "tools/report/page_json.h"
#include "tools/report/page_series.h"
#include "tools/report/reduce.h"

namespace railyard::report {
namespace {

using record::Record;
using record::Unit;

constexpr size_t kCdfPoints = 500;
constexpr size_t kTablePorts = 20;
constexpr size_t kCollectiveRows = 40;

// --- distributions
// -----------------------------------------------------------------------------------------------

// `value_of` gives a flow's value; flows of all seeds of a setting are taken together.
template <class ValueOf>
Json distribution(const RunSet& runs, const char* title, const char* unit, ValueOf value_of) {
  std::vector<std::vector<double>> by_setting;
  std::vector<double> all;
  for (const Setting& setting : runs.settings) {
    by_setting.emplace_back();
    for (const Run& run : setting.runs)
      for (const record::Message& m : run.record.messages)
        if (record::is_flow(m) && record::was_received(m) &&
            !run.record.jobs[run.record.operations[m.operation].job].background)
          by_setting.back().push_back(value_of(m));
    all.insert(all.end(), by_setting.back().begin(), by_setting.back().end());
  }
  const std::vector<double> grid = cdf_grid(std::move(all), kCdfPoints);
  Json json = {{"title", title}, {"unit", unit}, {"x", rounded(grid)}, {"y", Json::array()}};
  for (auto& samples : by_setting)
    json["y"].push_back(samples.empty() ? Json(nullptr) : rounded(cdf_at(grid, std::move(samples))));
  return json;
}

Json distributions(const RunSet& runs) {
  return {distribution(runs, "Flow completion time", "us",
                       [](const record::Message& m) { return record::completion_seconds(m) * 1e6; }),
          distribution(runs, "Slowdown", "times the idle fabric's", [](const record::Message& m) {
            return record::completion_seconds(m) / m.ideal.to_seconds();
          })};
}

// --- tables
// --------------------------------------------------------------------------------------------------------

// The class of the cell in report.css.
const char* class_of(Mark mark) {
  switch (mark) {
    case Mark::Best:
      return "best";
    case Mark::Tied:
      return "tied";
    case Mark::Same:
      return "same";
    case Mark::Untested:
      return "untested";
    case Mark::Worse:
    case Mark::None:
      break;
  }
  return "";
}

// The values of every seed, by setting, for those who want to see more than a mean; null where a run lacks
// the metric.
Json dots(const RunSet& runs, const record::ComparedMetric& metric) {
  double largest = 0;
  for (const auto& spread : metric.spread)
    if (spread) largest = std::max(largest, std::abs(spread->max));
  const DisplayUnit display = display_unit(metric.info.unit, largest);
  Json settings = Json::array();
  for (const Setting& setting : runs.settings) {
    Json values = Json::array();
    for (const Run& run : setting.runs) {
      const auto found = run.summary.metrics.find(metric.info.name);
      values.push_back(found == run.summary.metrics.end()
                           ? Json(nullptr)
                           : Json(rounded(found->second.value / display.scale)));
    }
    settings.push_back(std::move(values));
  }
  return settings;
}

Json comparison(const Results& results) {
  const record::Comparison& comparison = results.comparison;
  Json rows = Json::array();
  for (const HeadlineRow& row : headline_rows(comparison)) {
    Json cells = Json::array();
    for (const HeadlineCell& c : row.cells)
      cells.push_back(
          {{"center", c.center}, {"interval", c.interval}, {"range", c.range}, {"mark", class_of(c.mark)}});
    rows.push_back({{"label", row.label},
                    {"cells", std::move(cells)},
                    {"dots", dots(results.runs, *comparison.find(row.name))}});
  }
  Json differences = Json::array();
  for (const DifferenceRow& d : difference_rows(comparison))
    differences.push_back(
        {d.setting, d.center, d.difference, d.interval, d.t, d.sign_flip, d.decider, d.outcome});
  const record::ComparedMetric* primary = comparison.primary();
  Json json = {{"rows", std::move(rows)},
               {"legend", legend(comparison)},
               {"method", method(comparison)},
               {"differences", std::move(differences)}};
  if (primary != nullptr && primary->best) {
    json["best"] = comparison.settings[*primary->best];
    json["metric"] = primary->info.label;
    json["confidence"] = stated_percent(1 - comparison.rule.alpha);
  }
  return json;
}

// Operations that differ in nothing a reader can see are one row.
using CollectiveKey = std::tuple<std::string, std::string, uint64_t, uint32_t>;  // job, name, bytes, ranks

struct Transfer {
  double bits = 0, seconds = 0;  // bits x bus factor
};

// The run's foreground operations, summed up; `order` gets those that it does not hold yet.
std::map<CollectiveKey, Transfer> transfers_of(const Run& run, std::vector<CollectiveKey>& order) {
  std::map<CollectiveKey, Transfer> transfers;
  for (const record::CollectiveSummary& c : run.summary.collectives) {
    const record::Operation& operation = run.record.operations[c.operation];
    const record::Job& job = run.record.jobs[operation.job];
    if (job.background || c.busbw == 0) continue;
    const CollectiveKey key{job.name, operation.name, operation.bytes, operation.group_size};
    if (std::find(order.begin(), order.end(), key) == order.end()) order.push_back(key);
    Transfer& transfer = transfers[key];
    const double seconds = c.time * static_cast<double>(c.executions);
    transfer.bits += c.busbw * seconds;
    transfer.seconds += seconds;
  }
  return transfers;
}

// Mean over the seeds, as in the comparison; null where no run has the operation.
Json mean_bandwidth(const std::vector<std::map<CollectiveKey, Transfer>>& runs, const CollectiveKey& key) {
  double sum = 0;
  size_t count = 0;
  for (const auto& run : runs) {
    const auto found = run.find(key);
    if (found == run.end()) continue;
    sum += found->second.bits / found->second.seconds * 1e-9;
    ++count;
  }
  return count > 0 ? Json(rounded(sum / static_cast<double>(count))) : Json(nullptr);
}

Json collectives(const RunSet& runs) {
  std::vector<CollectiveKey> order;
  std::vector<std::vector<std::map<CollectiveKey, Transfer>>> by_setting;
  for (const Setting& setting : runs.settings) {
    by_setting.emplace_back();
    for (const Run& run : setting.runs) by_setting.back().push_back(transfers_of(run, order));
  }
  const size_t shown = std::min(order.size(), kCollectiveRows);
  Json json = {{"omitted", order.size() - shown}, {"rows", Json::array()}};
  for (size_t i = 0; i < shown; ++i) {
    const auto& [job, name, bytes, ranks] = order[i];
    Json cells = Json::array();
    for (const auto& setting : by_setting) cells.push_back(mean_bandwidth(setting, order[i]));
    json["rows"].push_back({{"job", job},
                            {"name", name},
                            {"size", quantity(static_cast<double>(bytes), Unit::Size)},
                            {"ranks", ranks},
                            {"gbps", std::move(cells)}});
  }
  return json;
}

struct PortTotals {
  double paused = 0, marks = 0, drops = 0, pauses_sent = 0, deepest = 0, bytes = 0;

  auto rank() const { return std::make_tuple(-paused, -marks, -drops, -deepest, -bytes); }
};

std::map<std::string, PortTotals> port_totals(const Setting& setting) {
  std::map<std::string, PortTotals> totals;
  const double runs = static_cast<double>(setting.runs.size());
  for (const Run& run : setting.runs) {
    for (const record::Port& port : run.record.ports) {
      PortTotals& t = totals[port.name];
      t.paused += port.paused.to_seconds() / runs;
      t.marks += static_cast<double>(port.ecn_marked) / runs;
      for (const uint64_t drops : port.drops) t.drops += static_cast<double>(drops) / runs;
      t.pauses_sent += static_cast<double>(port.pfc_pauses_sent) / runs;
      t.bytes += static_cast<double>(port.tx_bytes) / runs;
      t.deepest = std::max(t.deepest, static_cast<double>(port.max_queue_bytes));
    }
  }
  return totals;
}

// The first ports by paused time, then by marks, drops and depth; as text.
Json ports(const Setting& setting) {
  const auto totals = port_totals(setting);
  std::vector<const std::pair<const std::string, PortTotals>*> order;
  for (const auto& entry : totals) order.push_back(&entry);
  std::stable_sort(order.begin(), order.end(),
                   [](const auto* a, const auto* b) { return a->second.rank() < b->second.rank(); });
  if (order.size() > kTablePorts) order.resize(kTablePorts);
  Json rows = Json::array();
  for (const auto* entry : order) {
    const PortTotals& t = entry->second;
    rows.push_back({entry->first, quantity(t.paused, Unit::Time), quantity(t.marks, Unit::Count),
                    quantity(t.drops, Unit::Count), quantity(t.pauses_sent, Unit::Count),
                    quantity(t.deepest, Unit::Size), quantity(t.bytes, Unit::Size)});
  }
  return {{"total", totals.size()}, {"rows", std::move(rows)}};
}

Json drops(const RunSet& runs) {
  Json reasons = Json::array();
  for (size_t reason = 0; reason < kDropReasonNames.size(); ++reason) {
    Json counts = Json::array();
    double total = 0;
    for (const Setting& setting : runs.settings) {
      double frames = 0;
      for (const Run& run : setting.runs)
        for (const record::Port& port : run.record.ports) frames += static_cast<double>(port.drops[reason]);
      total += frames;
      counts.push_back(
          quantity(frames / std::max(1.0, static_cast<double>(setting.runs.size())), Unit::Count));
    }
    if (total > 0) reasons.push_back({{"reason", kDropReasonNames[reason]}, {"counts", std::move(counts)}});
  }
  return reasons;
}

}  // namespace

std::string page_data(const Results& results) {
  const RunSet& runs = results.runs;
  Json json = {{"scenario", runs.scenario}, {"description", runs.description},
               {"fabric", runs.fabric},     {"version", runs.version},
               {"command", runs.command},   {"hash", runs.configuration_hash},
               {"cautions", runs.cautions}};
  json["settings"] = Json::array();
  for (const Setting& setting : runs.settings) {
    Json seeds = Json::array();
    for (const Run& run : setting.runs) seeds.push_back(run.seed);
    json["settings"].push_back({{"name", setting.name},
                                {"seeds", std::move(seeds)},
                                {"yaml", setting.resolved_yaml},
                                {"ports", ports(setting)}});
  }
  json["verdict"] = verdict(results.comparison);
  json["comparison"] = comparison(results);
  json["distributions"] = distributions(runs);
  json["queues"] = queue_series(runs);
  json["rates"] = rate_series(runs);
  json["collectives"] = collectives(runs);
  json["drops"] = drops(runs);

  std::string text = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  // "<" occurs in strings only, where JSON lets us spell it so; "</script>" would end the element.
  for (size_t at = text.find('<'); at != std::string::npos; at = text.find('<', at))
    text.replace(at, 1, "\\u003c");
  return text;
}

}  // namespace railyard::report
