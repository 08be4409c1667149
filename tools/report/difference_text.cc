// SPDX-License-Identifier: BSD-3-Clause
// What was tested, how, and with which result: the part of a comparison that a reviewer asks for.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "tools/report/headline.h"
#include "tools/report/number_format.h"
#include "tools/report/text_layout.h"

namespace railyard::report {
namespace {

using record::ComparedMetric;
using record::Comparison;
using record::Decider;
using record::Difference;
using record::Outcome;

// Beyond this a number of seeds is no proposal: nobody runs so many, and it rests on an estimate.
constexpr size_t kMostProposed = 1'000;

// To two digits: the number rests on an estimate.
std::string about(size_t seeds) {
  if (seeds > kMostProposed) return fmt::format("more than {}", kMostProposed);
  size_t unit = 1;
  while (seeds / unit >= 100) unit *= 10;
  return fmt::format("about {}", (seeds + unit - 1) / unit * unit);
}

bool has_decider(const ComparedMetric& metric, Decider decider) {
  return std::any_of(metric.from_best.begin(), metric.from_best.end(),
                     [&](const Difference& d) { return d.decider == decider; });
}

std::string level_in_words(const Comparison& c) {
  std::string text = fmt::format("two-sided at {}", stated_percent(c.rule.alpha));
  if (c.rule.looks.empty()) return text;
  std::vector<std::string> looks;
  for (const size_t seeds : c.rule.looks) looks.push_back(std::to_string(seeds));
  return text + fmt::format(" (looked at after {} seeds; all looks together {})", joined(looks),
                            stated_percent(c.rule.alpha_of_all_looks));
}

std::string outcome_in_words(const Difference& d, const Comparison& c) {
  switch (d.outcome) {
    case Outcome::Identical:
      return "the same in every seed";
    case Outcome::Same:
      return "the same within " + stated_percent(c.rule.least_difference);
    case Outcome::Worse:
      return "worse";
    case Outcome::Untested:
      return fmt::format("not tested: at least {} seeds", d.least_pairs);
    case Outcome::Undecided: {
      const std::string seeds = proposal(d, c.rule);
      return "not told apart" + (seeds.empty() ? "" : ": " + seeds);
    }
    case Outcome::Unknown:
      break;
  }
  return "-";
}

std::string decider_in_words(const Difference& d) {
  switch (d.decider) {
    case Decider::PairedT:
      return "paired t, " + probability(*d.p);
    case Decider::SignFlip:
      return "sign flips, " + probability(*d.p);
    case Decider::NoSeedDependence:
      return "does not depend on the seed";
    case Decider::None:
      break;
  }
  return d.outcome == Outcome::Identical ? "-" : "too few seeds";
}

// "paired t-test, two-sided at 5 %, p adjusted for 3 comparisons (Holm), ..."
std::string tests_in_words(const Comparison& c, const ComparedMetric& metric) {
  const bool t = has_decider(metric, Decider::PairedT);
  const bool flips = has_decider(metric, Decider::SignFlip);
  if (!t && !flips) return "";
  std::string text = t && flips ? "paired t-test, or sign-flip permutation test where they do not look normal"
                     : flips    ? "sign-flip permutation test, since they do not look normal"
                                : "paired t-test";
  text += ", " + level_in_words(c);
  if (metric.tests > 1)
    text += fmt::format(
        ", p adjusted for {} comparisons (Holm), intervals widened so that all hold together (Bonferroni)",
        metric.tests);
  return fmt::format("Tested were the differences within each of the {} seeds: {}.", c.seeds, text);
}

// What paired t takes for granted.
std::string assumption(const ComparedMetric& metric) {
  size_t pairs = 0;
  for (const Difference& d : metric.from_best)
    if (d.decider == Decider::PairedT) pairs = pairs == 0 ? d.pairs : std::min(pairs, d.pairs);
  if (pairs == 0 || pairs > record::kLeastPairsToCheckShape) return "";
  if (pairs < record::kLeastPairsToCheckShape)
    return fmt::format("That the differences are normal is assumed, not checked: {} seeds are too few.",
                       pairs);
  return fmt::format("That the differences are normal can hardly be checked with {} seeds.", pairs);
}

// Which settings were not tested, and what for.
std::string left_out(const Comparison& c, const ComparedMetric& metric) {
  std::vector<std::string> few, others;
  size_t least = 0;
  for (size_t i = 0; i < c.settings.size(); ++i) {
    const Difference& d = metric.from_best[i];
    if (d.outcome != Outcome::Untested) continue;
    (d.pairs < metric.least_pairs ? few : others).push_back(c.settings[i]);
    least = std::max(least, d.least_pairs);
  }
  const std::string among =
      metric.tests > 1 ? fmt::format("among {} comparisons ", metric.tests) : std::string();
  std::vector<std::string> sentences;
  if (!few.empty())
    sentences.push_back(fmt::format("Not tested: {}, since {}fewer than {} seeds tell nothing apart.",
                                    joined(few), among, metric.least_pairs));
  if (!others.empty())
    sentences.push_back(
        fmt::format("Not tested: {}, since the differences do not look normal, and sign flips, "
                    "which assume no distribution, need {} seeds to reach {}.",
                    joined(others), least, stated_percent(c.rule.alpha)));
  return fmt::format("{}", fmt::join(sentences, " "));
}

// Where nobody was left out for it: the second test, which the page shows beside the first.
std::string not_offered(const Comparison& c, const ComparedMetric& metric) {
  const size_t needed = record::least_pairs_of_sign_flip(c.rule.alpha);
  if (c.seeds >= needed || !has_decider(metric, Decider::PairedT)) return "";
  return fmt::format(
      "The sign-flip test, which assumes no distribution, is not offered: with fewer than {} "
      "seeds it cannot reach {}.",
      needed, stated_percent(c.rule.alpha));
}

}  // namespace

std::string proposal(const Difference& d, const record::ComparisonRule& rule) {
  if (!d.seeds_to_decide) return "";
  if (d.seeds_as_seen && *d.seeds_as_seen <= kMostProposed)
    return fmt::format("{} seeds would show a difference as large as this, {} one of {}",
                       about(*d.seeds_as_seen), about(*d.seeds_to_decide),
                       stated_percent(rule.least_difference));
  return about(*d.seeds_to_decide) + " seeds would decide";
}

std::vector<DifferenceRow> difference_rows(const Comparison& c) {
  std::vector<DifferenceRow> rows;
  const ComparedMetric* metric = c.primary();
  if (metric == nullptr || !metric->best) return rows;
  const record::Unit unit = metric->info.unit;
  for (size_t i = 0; i < c.settings.size(); ++i) {
    const Difference& d = metric->from_best[i];
    if (d.outcome == Outcome::Unknown) continue;
    const DisplayUnit display = display_unit(unit, metric->center(i));
    const bool has_interval = d.interval && d.decider != Decider::NoSeedDependence;
    rows.push_back({c.settings[i], quantity(metric->center(i), unit, display),
                    quantity(d.mean, unit, display), has_interval ? interval(*d.interval, display) : "-",
                    d.t ? probability(d.t->p) : "-", d.sign_flip_p ? probability(*d.sign_flip_p) : "-",
                    decider_in_words(d), outcome_in_words(d, c)});
  }
  return rows;
}

std::string method(const Comparison& c) {
  const ComparedMetric* metric = c.primary();
  if (metric == nullptr || !metric->best || c.seeds < 2) return "";
  std::string text;
  for (const std::string& sentence :
       {tests_in_words(c, *metric), assumption(*metric), left_out(c, *metric), not_offered(c, *metric)})
    if (!sentence.empty()) text += (text.empty() ? "" : " ") + sentence;
  return text;
}

}  // namespace railyard::report
