// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

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

bool is_iteration(const ComparedMetric& primary) {
  return primary.info.name == "iteration.time";
}

// What is finished.
std::string work(const ComparedMetric& primary) {
  return is_iteration(primary) ? "an iteration" : "99 % of the flows";
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
  double largest = std::abs(d.mean);
  if (d.interval) largest = std::max({largest, std::abs(d.interval->low), std::abs(d.interval->high)});
  const DisplayUnit display = display_unit(unit, largest);
  std::string text = (metric.split ? "mean difference " : "difference ") + quantity(d.mean, unit, display);
  if (d.decider == Decider::NoSeedDependence) return text;
  if (d.pairs < c.seeds) text += fmt::format(" over the {} seeds that have both", d.pairs);
  if (d.interval)
    text += fmt::format(", {} interval {}", stated_percent(1 - c.rule.alpha), interval(*d.interval, display));
  if (d.p) text += ", " + probability(*d.p);
  if (d.decider == Decider::SignFlip) text += " by sign flips";
  return text;
}

// The settings with the same values as this one: itself, or more.
std::vector<size_t> alike(const ComparedMetric& metric, size_t setting) {
  std::vector<size_t> settings;
  for (size_t i = 0; i < metric.first_like.size(); ++i)
    if (metric.first_like[i] == metric.first_like[setting]) settings.push_back(i);
  return settings;
}

// Of settings with an outcome, each that is alike once.
std::vector<size_t> groups_with(const ComparedMetric& metric, Outcome outcome) {
  std::vector<size_t> settings = settings_with(metric, outcome);
  settings.erase(
      std::remove_if(settings.begin(), settings.end(), [&](size_t i) { return metric.first_like[i] != i; }),
      settings.end());
  return settings;
}

// What the best is better than: "48 % sooner than b (4.97 ms; difference ...)".
std::string gain_over(const Comparison& c, const ComparedMetric& metric, size_t other) {
  const Difference& d = metric.from_best[other];
  const auto gain =
      record::relative_gain(metric.info.better, metric.center(*metric.best), metric.center(other));
  const double limit = c.rule.least_difference * metric.spread[other]->mean;
  const bool may_be_small = d.interval && d.interval->low < limit;
  return fmt::format("{} sooner than {} ({}; {}{})", percent(gain.value_or(0)),
                     names_of(c, alike(metric, other)), value(metric, other), evidence(c, metric, d),
                     may_be_small ? "; less than the " + stated_percent(c.rule.least_difference) +
                                        " that matters is not excluded"
                                  : "");
}

std::string opening(const Comparison& c, const ComparedMetric& metric) {
  const size_t best = *metric.best;
  const std::string kind = metric.split ? "median" : "mean";
  std::vector<std::string> gains;
  for (const size_t i : groups_with(metric, Outcome::Worse)) gains.push_back(gain_over(c, metric, i));
  if (!gains.empty())
    return fmt::format("{} {} in {}{}: {}.", c.settings[best], deed(metric), value(metric, best),
                       metric.split ? " (median)" : "", joined(gains));
  if (!metric.some_outcome(Outcome::Undecided) && !metric.some_outcome(Outcome::Untested))
    return fmt::format("No setting {} sooner than another by {} or more: {} has the lowest {}, {}.",
                       deed(metric), stated_percent(c.rule.least_difference), c.settings[best], kind,
                       value(metric, best));
  return fmt::format("No setting is shown to finish {} sooner than another: {} has the lowest {}, {}.",
                     work(metric), c.settings[best], kind, value(metric, best));
}

// What nothing was tested of still has an order: "b (6.3 ms) takes longer than a with each of the 5 seeds, by
// 3.92 to 3.93 ms, which is not tested."
std::string untested(const Comparison& c, const ComparedMetric& metric, size_t other) {
  const Difference& d = metric.from_best[other];
  const std::string& best = c.settings[*metric.best];
  const DisplayUnit display =
      display_unit(metric.info.unit, std::max(std::abs(d.seen.low), std::abs(d.seen.high)));
  const std::string seen =
      d.seen.low < d.seen.high ? interval(d.seen, display) : quantity(d.seen.low, metric.info.unit, display);
  if (d.seen.low > 0)
    return fmt::format("{} ({}) takes longer than {} with each of the {} seeds, by {}, which is not tested.",
                       c.settings[other], value(metric, other), best, d.pairs, seen);
  return fmt::format("{} ({}) is not tested against {}: over the seeds it takes {} longer.",
                     c.settings[other], value(metric, other), best, seen);
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
  for (const size_t i : settings_with(metric, Outcome::Untested)) sentences.push_back(untested(c, metric, i));
  for (const size_t i : settings_with(metric, Outcome::Undecided)) {
    const Difference& d = metric.from_best[i];
    const std::string seeds = proposal(d, c.rule);
    sentences.push_back(fmt::format("{} ({}) is not told apart from {}: {}{}.", c.settings[i],
                                    value(metric, i), best, evidence(c, metric, d),
                                    seeds.empty() ? "" : "; " + seeds));
  }
  for (size_t i = 0; i < c.settings.size(); ++i) {
    const std::vector<size_t> group = alike(metric, i);
    if (metric.spread[i] && group.front() == i && group.size() > 1 && !metric.is_best(i))
      sentences.push_back(fmt::format("{} are the same in every seed.", names_of(c, group)));
  }
}

bool varies(const ComparedMetric& metric, size_t setting) {
  return metric.spread[setting]->min < metric.spread[setting]->max;
}

std::string seed_dependence(const Comparison& c, const ComparedMetric& metric) {
  std::vector<size_t> fixed;
  size_t seeds = 0;
  for (size_t i = 0; i < c.settings.size(); ++i)
    if (metric.spread[i] && metric.spread[i]->n >= metric.least_pairs && !varies(metric, i)) {
      fixed.push_back(i);
      seeds = std::max(seeds, metric.spread[i]->n);
    }
  if (fixed.empty()) return "";
  if (fixed.size() == c.settings.size())
    return fmt::format("The {} does not depend on the seed, of which {} were run: there is nothing to test.",
                       metric.info.label, seeds);
  return fmt::format("Under {} the {} does not depend on the seed, of which {} were run.", names_of(c, fixed),
                     metric.info.label, seeds);
}

std::vector<size_t> settings_that_finish(const ComparedMetric& metric) {
  std::vector<size_t> settings;
  for (size_t i = 0; i < metric.spread.size(); ++i)
    if (metric.spread[i]) settings.push_back(i);
  return settings;
}

// Under which settings the work was not done, with any seed or with some.
void say_what_never_ended(const Comparison& c, const ComparedMetric& metric,
                          std::vector<std::string>& sentences) {
  const std::string nothing = is_iteration(metric) ? "no iteration was finished" : "no flow was finished";
  std::vector<size_t> never;
  for (size_t i = 0; i < c.settings.size(); ++i) {
    if (!metric.spread[i]) {
      never.push_back(i);
    } else if (metric.spread[i]->n < c.seeds) {
      sentences.push_back(fmt::format("Under {} {} with {} of the {} seeds: its figures leave them out.",
                                      c.settings[i], nothing, c.seeds - metric.spread[i]->n, c.seeds));
    }
  }
  if (!never.empty()) sentences.push_back(fmt::format("Under {} {}.", names_of(c, never), nothing));
}

// Of one seed: an order, and nothing about chance.
void say_of_one_seed(const Comparison& c, const ComparedMetric& metric, std::vector<std::string>& sentences) {
  std::vector<std::string> values;
  for (const size_t i : settings_that_finish(metric))
    values.push_back(fmt::format("{} in {}", c.settings[i], value(metric, i)));
  sentences.push_back(fmt::format("With this seed {} {} soonest: {}.", c.settings[*metric.best], deed(metric),
                                  joined(values)));
  sentences.emplace_back("With one seed it cannot be told whether that is more than chance: run more seeds.");
}

// Where no setting is the best: only one has finished, or they are equal.
std::string without_best(const Comparison& c, const ComparedMetric& metric) {
  const std::vector<size_t> some = settings_that_finish(metric);
  if (some.size() == 1)
    return fmt::format("{}{} {} in {}.", c.settings.size() > 1 ? "Only " : "", c.settings[some[0]],
                       deed(metric), value(metric, some[0]));
  const bool average = varies(metric, some[0]);
  const std::string who = some.size() == c.settings.size() ? "All settings" : names_of(c, some);
  return fmt::format("{} finish {} in the same time{}: {}{}.", who, work(metric),
                     metric.all_identical && c.seeds > 1 ? ", seed by seed" : "", value(metric, some[0]),
                     average ? " on average" : "");
}

std::vector<std::string> race(const Comparison& c, const ComparedMetric& metric) {
  const bool several_seeds = c.seeds > 1;
  std::vector<std::string> sentences;
  if (!metric.best) {
    sentences.push_back(without_best(c, metric));
  } else if (!several_seeds) {
    say_of_one_seed(c, metric, sentences);
  } else {
    sentences.push_back(opening(c, metric));
    say_of_each(c, metric, sentences);
  }
  say_what_never_ended(c, metric, sentences);
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

// A second opinion from another metric, where some setting is shown to be worse: "Lowest PFC paused time: 1
// ms under X, 9 ms under Y (tested by itself, p = 0.012)".
std::string best_in(const Comparison& c, const char* name) {
  const ComparedMetric* metric = c.find(name);
  if (metric == nullptr || !metric->best) return "";
  const std::vector<size_t> worse = settings_with(*metric, Outcome::Worse);
  if (worse.empty()) return "";
  std::vector<size_t> leaders;
  std::vector<size_t> close;
  for (size_t i = 0; i < c.settings.size(); ++i) {
    const Outcome outcome = metric->from_best[i].outcome;
    if (metric->is_best(i))
      leaders.push_back(i);
    else if (outcome != Outcome::Worse && outcome != Outcome::Unknown)
      close.push_back(i);
  }
  const Difference& d = metric->from_best[worse.back()];
  const std::string leading = names_of(c, leaders);
  const std::string tie = close.empty()
                              ? ""
                              : fmt::format("; {} {} not shown to differ from {}", names_of(c, close),
                                            close.size() == 1 ? "is" : "are", leading);
  return fmt::format("{} {}: {}{} under {}, {} under {}{}{}.",
                     metric->info.better == Better::Lower ? "Lowest" : "Highest", metric->info.label,
                     value(*metric, *metric->best), metric->split ? " (median)" : "", leading,
                     value(*metric, worse.back()), c.settings[worse.back()],
                     d.p ? fmt::format(" (tested by itself, {})", probability(*d.p)) : "", tie);
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
