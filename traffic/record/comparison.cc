// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/record/comparison.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace railyard::record {
namespace {

constexpr double kSignificance = 0.05;

std::vector<std::string> names_in_order(const std::vector<SettingSummaries>& settings) {
  std::set<std::pair<size_t, std::string>> ordered;
  for (const SettingSummaries& setting : settings)
    for (const Summary& run : setting.runs)
      for (const auto& [name, value] : run.metrics) ordered.emplace(catalogue_position(name), name);
  std::vector<std::string> names;
  for (const auto& [position, name] : ordered) names.push_back(name);
  return names;
}

std::optional<Spread> spread_over_runs(const SettingSummaries& setting, const std::string& name) {
  std::vector<double> values;
  for (const Summary& run : setting.runs)
    if (const auto found = run.metrics.find(name); found != run.metrics.end())
      values.push_back(found->second.value);
  if (values.empty()) return std::nullopt;
  return spread_of(std::move(values));
}

std::optional<size_t> best_of(const ComparedMetric& metric) {
  if (metric.info.better == Better::Neither) return std::nullopt;
  std::optional<size_t> best;
  bool differ = false;
  for (size_t i = 0; i < metric.spread.size(); ++i) {
    if (!metric.spread[i]) continue;
    if (!best) {
      best = i;
      continue;
    }
    const double gain = metric.spread[i]->mean - metric.spread[*best]->mean;
    differ = differ || gain != 0;
    if (metric.info.better == Better::Lower ? gain < 0 : gain > 0) best = i;
  }
  return differ ? best : std::nullopt;
}

Difference difference(const Spread& a, const Spread& b, double significance) {
  const auto p = welch_p_value(a, b);
  if (!p) return Difference::Unknown;
  return *p < significance ? Difference::BeyondSpread : Difference::WithinSpread;
}

ComparedMetric compare_metric(const std::vector<SettingSummaries>& settings, const std::string& name) {
  ComparedMetric metric;
  metric.info = find_metric(name).value_or(MetricInfo{name, name, Unit::Count, Better::Neither, ""});
  for (const SettingSummaries& setting : settings) metric.spread.push_back(spread_over_runs(setting, name));
  metric.best = best_of(metric);
  metric.from_best.assign(settings.size(), Difference::Unknown);
  if (!metric.best) return metric;
  const double pairs = static_cast<double>(settings.size() * (settings.size() - 1)) / 2;
  for (size_t i = 0; i < settings.size(); ++i)
    if (metric.spread[i])
      metric.from_best[i] =
          difference(*metric.spread[*metric.best], *metric.spread[i], kSignificance / pairs);
  metric.from_best[*metric.best] = Difference::WithinSpread;
  return metric;
}

}  // namespace

bool ComparedMetric::is_marked(size_t setting) const {
  if (!best || !spread[setting]) return false;
  if (setting == *best && !spread[setting]->deviation) return true;
  bool some_worse = false;
  for (size_t i = 0; i < spread.size(); ++i) {
    if (from_best[i] != Difference::BeyondSpread) continue;
    some_worse = true;
    const double lead = spread[i]->mean - spread[setting]->mean;
    if (info.better == Better::Lower ? lead <= 0 : lead >= 0) return false;
  }
  return some_worse && from_best[setting] == Difference::WithinSpread;
}

const ComparedMetric* Comparison::find(std::string_view name) const {
  const auto found = std::find_if(metrics.begin(), metrics.end(),
                                  [&](const ComparedMetric& m) { return m.info.name == name; });
  return found == metrics.end() ? nullptr : &*found;
}

Comparison compare(const std::vector<SettingSummaries>& settings) {
  Comparison comparison;
  for (const SettingSummaries& setting : settings) {
    comparison.seeds =
        comparison.settings.empty() ? setting.runs.size() : std::min(comparison.seeds, setting.runs.size());
    comparison.settings.push_back(setting.name);
  }
  for (const std::string& name : names_in_order(settings))
    comparison.metrics.push_back(compare_metric(settings, name));
  return comparison;
}

std::optional<double> relative_gain(Better better, double best, double other) {
  if (other == 0 || better == Better::Neither) return std::nullopt;
  return (better == Better::Lower ? other - best : best - other) / other;
}

}  // namespace railyard::record
