// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "tools/report/headline.h"
#include "tools/report/number_format.h"

namespace railyard::report {
namespace {

using record::Better;
using record::ComparedMetric;
using record::Comparison;
using record::Difference;

// Beyond so many other settings, only the nearest and the farthest are named.
constexpr size_t kMostNamed = 3;

std::string join(const std::vector<std::string>& items) {
  std::string out;
  for (size_t i = 0; i < items.size(); ++i)
    out += (i == 0 ? "" : i + 1 == items.size() ? " and " : ", ") + items[i];
  return out;
}

double mean(const ComparedMetric& metric, size_t setting) {
  return metric.spread[setting]->mean;
}

std::string value(const ComparedMetric& metric, size_t setting) {
  return quantity(mean(metric, setting), metric.info.unit);
}

// The settings that have the metric, without the best, the nearest first.
std::vector<size_t> others_by_distance(const ComparedMetric& metric) {
  std::vector<size_t> others;
  for (size_t i = 0; i < metric.spread.size(); ++i)
    if (metric.spread[i] && i != metric.best) others.push_back(i);
  const double best = mean(metric, *metric.best);
  std::stable_sort(others.begin(), others.end(), [&](size_t a, size_t b) {
    return std::abs(mean(metric, a) - best) < std::abs(mean(metric, b) - best);
  });
  return others;
}

// What "finishes first" is measured by: the training step where there is one, else the slowest flows.
const ComparedMetric* primary_metric(const Comparison& comparison) {
  const ComparedMetric* iteration = comparison.find("iteration.time");
  return iteration != nullptr ? iteration : comparison.find("fct.p99");
}

std::string deed(const ComparedMetric& primary) {
  return primary.info.name == "iteration.time" ? "finishes an iteration" : "finishes 99 % of the flows";
}

std::string names_of(const Comparison& c, const std::vector<size_t>& settings) {
  std::vector<std::string> names;
  for (const size_t i : settings) names.push_back(c.settings[i]);
  return join(names);
}

// "The differences from a and b exceed the seed spread; that from c does not."
std::string certainty(const Comparison& c, const ComparedMetric& metric, const std::vector<size_t>& others) {
  if (c.seeds < 2) return "With one seed it cannot be told whether that is more than chance: run more seeds.";
  std::vector<size_t> beyond;
  std::vector<size_t> within;
  for (const size_t i : others)
    (metric.from_best[i] == Difference::BeyondSpread ? beyond : within).push_back(i);
  const std::string test = fmt::format("Welch's t-test, 5 %, {} seeds", c.seeds);
  if (within.empty())
    return fmt::format("{} the seed spread ({}).",
                       others.size() == 1 ? "The difference exceeds" : "The differences exceed", test);
  if (beyond.empty())
    return fmt::format("That is not proved: {} within the seed spread ({}).",
                       others.size() == 1 ? "the difference lies" : "the differences lie", test);
  return fmt::format("The difference from {} exceeds the seed spread, that from {} does not ({}).",
                     names_of(c, beyond), names_of(c, within), test);
}

std::vector<std::string> race(const Comparison& c, const ComparedMetric& metric) {
  if (!metric.best) {
    if (c.settings.size() < 2 && metric.spread[0])
      return {fmt::format("{} {} in {}.", c.settings[0], deed(metric), value(metric, 0))};
    return {fmt::format("No setting {} sooner than another.", deed(metric))};
  }
  const size_t best = *metric.best;
  std::vector<size_t> others = others_by_distance(metric);
  std::vector<size_t> named = others;
  if (named.size() > kMostNamed) named = {others.front(), others.back()};
  std::vector<std::string> gains;
  for (const size_t i : named) {
    const auto gain = record::relative_gain(metric.info.better, mean(metric, best), mean(metric, i));
    gains.push_back(
        fmt::format("{} sooner than {} ({})", percent(gain.value_or(0)), c.settings[i], value(metric, i)));
  }
  return {fmt::format("{} {} in {}: {}.", c.settings[best], deed(metric), value(metric, best), join(gains)),
          certainty(c, metric, named)};
}

// A second opinion from another metric, when it is beyond chance: "X has the lowest slowdown, p99: ..."
std::string best_in(const Comparison& c, const char* name) {
  const ComparedMetric* metric = c.find(name);
  if (metric == nullptr || !metric->best) return "";
  const size_t worst = others_by_distance(*metric).back();
  if (metric->from_best[worst] != Difference::BeyondSpread) return "";
  std::vector<size_t> leaders;
  std::vector<size_t> close;
  for (size_t i = 0; i < c.settings.size(); ++i)
    if (metric->is_marked(i))
      (mean(*metric, i) == mean(*metric, *metric->best) ? leaders : close).push_back(i);
  const std::string tie = close.empty() ? ""
                                        : fmt::format("; {} cannot be told apart from {}", names_of(c, close),
                                                      leaders.size() == 1 ? "it" : "them");
  return fmt::format("{} {} the {} {}: {} against {} under {}{}.", names_of(c, leaders),
                     leaders.size() == 1 ? "has" : "have",
                     metric->info.better == Better::Lower ? "lowest" : "highest", metric->info.label,
                     value(*metric, *metric->best), value(*metric, worst), c.settings[worst], tie);
}

// "name (value)" of every setting where the metric is not zero.
std::vector<std::string> where_not_zero(const Comparison& c, const char* name) {
  std::vector<std::string> found;
  const ComparedMetric* metric = c.find(name);
  if (metric == nullptr) return found;
  for (size_t i = 0; i < metric->spread.size(); ++i)
    if (metric->spread[i] && metric->spread[i]->max > 0)
      found.push_back(fmt::format("{} ({})", c.settings[i], value(*metric, i)));
  return found;
}

void say(std::vector<std::string>& sentences, const std::string& sentence) {
  if (!sentence.empty()) sentences.push_back(sentence);
}

}  // namespace

std::vector<std::string> verdict(const Comparison& comparison) {
  std::vector<std::string> sentences;
  const ComparedMetric* primary = primary_metric(comparison);
  if (primary != nullptr) sentences = race(comparison, *primary);
  say(sentences, best_in(comparison, "slowdown.p99"));
  say(sentences, best_in(comparison, "pfc.paused_time"));
  const auto drops = where_not_zero(comparison, "drops");
  say(sentences, drops.empty() ? "No frame was dropped." : "Frames were dropped under " + join(drops) + ".");
  if (const auto cut = where_not_zero(comparison, "flows.unfinished"); !cut.empty())
    say(sentences, "Flows were cut off by the end of the run under " + join(cut) +
                       ": completion times there leave out the slowest.");
  return sentences;
}

}  // namespace railyard::report
