// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <algorithm>

#include "tools/report/headline.h"
#include "tools/report/number_format.h"
#include "tools/report/text_layout.h"

namespace railyard::report {
namespace {

using record::Better;
using record::ComparedMetric;
using record::Comparison;
using record::Decider;
using record::Difference;
using record::Outcome;

std::string value(const ComparedMetric& metric, size_t setting) {
  return quantity(metric.center(setting), metric.info.unit);
}

std::vector<size_t> settings_with(const ComparedMetric& metric, Outcome outcome) {
  std::vector<size_t> settings;
  for (size_t i = 0; i < metric.from_best.size(); ++i)
    if (metric.from_best[i].outcome == outcome) settings.push_back(i);
  std::stable_sort(settings.begin(), settings.end(),
                   [&](size_t a, size_t b) { return metric.from_best[a].mean < metric.from_best[b].mean; });
  return settings;
}

// What is finished.
std::string work(const ComparedMetric& primary) {
  return primary.info.name == "iteration.time" ? "an iteration" : "99 % of the flows";
}

std::string deed(const ComparedMetric& primary) {
  return "finishes " + work(primary);
}

std::string names_of(const Comparison& c, const std::vector<size_t>& settings) {
  std::vector<std::string> names;
  for (const size_t i : settings) names.push_back(c.settings[i]);
  return joined(names);
}

// "difference 2.36 ms, 95 % interval 0.80 to 3.93 ms, p = 0.016"
std::string evidence(const Comparison& c, const ComparedMetric& metric, const Difference& d) {
  const record::Unit unit = metric.info.unit;
  std::string text = "difference " + quantity(d.mean, unit);
  if (d.decider == Decider::NoSeedDependence) return text;
  if (d.pairs < c.seeds) text += fmt::format(" over the {} seeds that have both", d.pairs);
  if (d.interval)
    text += fmt::format(", {} interval {}", stated_percent(1 - c.rule.alpha), interval(*d.interval, unit));
  if (d.decider != Decider::None) text += ", " + probability(d.p);
  if (d.decider == Decider::SignFlip) text += " by sign flips";
  return text;
}

// What the best is better than: "48 % sooner than b (4.97 ms; difference ...)".
std::string gain_over(const Comparison& c, const ComparedMetric& metric, size_t other) {
  const Difference& d = metric.from_best[other];
  const auto gain =
      record::relative_gain(metric.info.better, metric.center(*metric.best), metric.center(other));
  const double limit = c.rule.least_difference * metric.spread[other]->mean;
  const bool may_be_small = d.interval && d.interval->low < limit;
  return fmt::format("{} sooner than {} ({}; {}{})", percent(gain.value_or(0)), c.settings[other],
                     value(metric, other), evidence(c, metric, d),
                     may_be_small ? "; less than the " + stated_percent(c.rule.least_difference) +
                                        " that matters is not excluded"
                                  : "");
}

std::string opening(const Comparison& c, const ComparedMetric& metric) {
  const size_t best = *metric.best;
  const std::string kind = metric.split ? "median" : "mean";
  std::vector<std::string> gains;
  for (const size_t i : settings_with(metric, Outcome::Worse)) gains.push_back(gain_over(c, metric, i));
  if (!gains.empty())
    return fmt::format("{} {} in {}{}: {}.", c.settings[best], deed(metric), value(metric, best),
                       metric.split ? " (median)" : "", joined(gains));
  if (settings_with(metric, Outcome::Undecided).empty())
    return fmt::format("No setting {} sooner than another by {} or more: {} has the lowest {}, {}.",
                       deed(metric), stated_percent(c.rule.least_difference), c.settings[best], kind,
                       value(metric, best));
  return fmt::format("No setting is shown to finish {} sooner than another: {} has the lowest {}, {}.",
                     work(metric), c.settings[best], kind, value(metric, best));
}

// The others, each with what it is beside the best.
void say_of_each(const Comparison& c, const ComparedMetric& metric, std::vector<std::string>& sentences) {
  const std::string& best = c.settings[*metric.best];
  for (const size_t i : settings_with(metric, Outcome::Identical))
    sentences.push_back(fmt::format("{} is the same as {} in every seed.", c.settings[i], best));
  for (const size_t i : settings_with(metric, Outcome::Same)) {
    const Difference& d = metric.from_best[i];
    sentences.push_back(fmt::format("{} ({}) is the same as {} within {}: {}{}.", c.settings[i],
                                    value(metric, i), best, stated_percent(c.rule.least_difference),
                                    evidence(c, metric, d),
                                    d.decider == Decider::NoSeedDependence ? ", below what matters" : ""));
  }
  for (const size_t i : settings_with(metric, Outcome::Undecided)) {
    const Difference& d = metric.from_best[i];
    const std::string seeds = proposal(d, c.rule);
    sentences.push_back(fmt::format("{} ({}) is not told apart from {}: {}{}.", c.settings[i],
                                    value(metric, i), best, evidence(c, metric, d),
                                    seeds.empty() ? "" : "; " + seeds));
  }
}

bool varies(const ComparedMetric& metric, size_t setting) {
  return metric.spread[setting]->min < metric.spread[setting]->max;
}

std::string seed_dependence(const Comparison& c, const ComparedMetric& metric) {
  std::vector<size_t> fixed;
  for (size_t i = 0; i < c.settings.size(); ++i)
    if (metric.spread[i] && !varies(metric, i)) fixed.push_back(i);
  if (fixed.empty()) return "";
  if (fixed.size() == c.settings.size())
    return fmt::format("The {} does not depend on the seed: there is nothing to test.", metric.info.label);
  return fmt::format("Under {} the {} does not depend on the seed.", names_of(c, fixed), metric.info.label);
}

std::vector<std::string> race(const Comparison& c, const ComparedMetric& metric) {
  const bool several_seeds = c.seeds > 1;
  std::vector<std::string> sentences;
  if (c.settings.size() < 2) {
    if (metric.spread[0])
      sentences.push_back(fmt::format("{} {} in {}.", c.settings[0], deed(metric), value(metric, 0)));
  } else if (!metric.best) {
    sentences.push_back(metric.all_identical
                            ? fmt::format("All settings finish {} in the same time{}: {}{}.", work(metric),
                                          several_seeds ? ", seed by seed" : "", value(metric, 0),
                                          varies(metric, 0) ? " on average" : "")
                            : fmt::format("No setting {} sooner than another.", deed(metric)));
  } else if (!several_seeds) {
    std::vector<std::string> values;
    for (size_t i = 0; i < c.settings.size(); ++i)
      if (metric.spread[i]) values.push_back(fmt::format("{} in {}", c.settings[i], value(metric, i)));
    sentences.push_back(fmt::format("With this seed {} {} soonest: {}.", c.settings[*metric.best],
                                    deed(metric), joined(values)));
    sentences.emplace_back(
        "With one seed it cannot be told whether that is more than chance: run more seeds.");
  } else {
    sentences.push_back(opening(c, metric));
    say_of_each(c, metric, sentences);
  }
  if (several_seeds) {
    if (const std::string words = seed_dependence(c, metric); !words.empty()) sentences.push_back(words);
    if (const std::string words = method(c); !words.empty()) sentences.push_back(words);
    if (metric.split)
      sentences.push_back(fmt::format(
          "Over the seeds the {} lies in two groups with nothing between them, so that medians are given.",
          metric.info.label));
  }
  return sentences;
}

// A second opinion from another metric, where some setting is shown to be worse: "X has the lowest ..."
std::string best_in(const Comparison& c, const char* name) {
  const ComparedMetric* metric = c.find(name);
  if (metric == nullptr || !metric->best) return "";
  const std::vector<size_t> worse = settings_with(*metric, Outcome::Worse);
  if (worse.empty()) return "";
  std::vector<size_t> leaders;
  std::vector<size_t> close;
  for (size_t i = 0; i < c.settings.size(); ++i) {
    if (metric->is_best(i)) leaders.push_back(i);
    const bool is_close =
        metric->from_best[i].outcome == Outcome::Undecided || metric->from_best[i].outcome == Outcome::Same;
    if (is_close && !metric->is_best(i)) close.push_back(i);
  }
  const std::string tie = close.empty() ? "" : fmt::format("; {} not told apart from it", names_of(c, close));
  return fmt::format("{} {} the {} {}: {} against {} under {}{}.", names_of(c, leaders),
                     leaders.size() == 1 ? "has" : "have",
                     metric->info.better == Better::Lower ? "lowest" : "highest", metric->info.label,
                     value(*metric, *metric->best), value(*metric, worse.back()), c.settings[worse.back()],
                     tie);
}

// "name (value)" of every setting where the metric is not zero.
std::vector<std::string> where_not_zero(const Comparison& c, const char* name) {
  std::vector<std::string> found;
  const ComparedMetric* metric = c.find(name);
  if (metric == nullptr) return found;
  for (size_t i = 0; i < metric->spread.size(); ++i)
    if (metric->spread[i] && metric->spread[i]->max > 0)
      found.push_back(
          fmt::format("{} ({})", c.settings[i], quantity(metric->spread[i]->mean, metric->info.unit)));
  return found;
}

void say(std::vector<std::string>& sentences, const std::string& sentence) {
  if (!sentence.empty()) sentences.push_back(sentence);
}

}  // namespace

std::vector<std::string> verdict(const Comparison& comparison) {
  std::vector<std::string> sentences;
  const ComparedMetric* primary = comparison.primary();
  if (primary != nullptr) sentences = race(comparison, *primary);
  say(sentences, best_in(comparison, "slowdown.p99"));
  say(sentences, best_in(comparison, "pfc.paused_time"));
  const auto drops = where_not_zero(comparison, "drops");
  say(sentences,
      drops.empty() ? "No frame was dropped." : "Frames were dropped under " + joined(drops) + ".");
  if (const auto cut = where_not_zero(comparison, "flows.unfinished"); !cut.empty())
    say(sentences, "Flows were cut off by the end of the run under " + joined(cut) +
                       ": completion times there leave out the slowest.");
  return sentences;
}

}  // namespace railyard::report
