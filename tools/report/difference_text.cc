// SPDX-License-Identifier: BSD-3-Clause
// What was tested, how, and with which result: the part of a comparison that a reviewer asks for.
#include <fmt/format.h>

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

// To two digits: the number rests on an estimate.
size_t about(size_t seeds) {
  size_t unit = 1;
  while (seeds / unit >= 100) unit *= 10;
  return (seeds + unit - 1) / unit * unit;
}

bool has_decider(const ComparedMetric& metric, Decider decider) {
  return std::any_of(metric.from_best.begin(), metric.from_best.end(), [&](const Difference& d) {
    return d.decider == decider && d.outcome != Outcome::Unknown;
  });
}

bool was_tested(const Difference& d) {
  return d.outcome != Outcome::Unknown && d.outcome != Outcome::Identical &&
         d.decider != Decider::NoSeedDependence;
}

std::string level_in_words(const Comparison& c) {
  std::string text = fmt::format("two-sided at {}", stated_percent(c.rule.alpha));
  if (c.rule.looks.empty()) return text;
  std::vector<std::string> looks;
  for (const size_t seeds : c.rule.looks) looks.push_back(std::to_string(seeds));
  return text + fmt::format(" (looked at after {} seeds; all looks together 5 %)", joined(looks));
}

std::string outcome_in_words(const Difference& d, const Comparison& c) {
  switch (d.outcome) {
    case Outcome::Identical:
      return "the same in every seed";
    case Outcome::Same:
      return "the same within " + stated_percent(c.rule.least_difference);
    case Outcome::Worse:
      return "worse";
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
      return "paired t, " + probability(d.p);
    case Decider::SignFlip:
      return "sign flips, " + probability(d.p);
    case Decider::NoSeedDependence:
      return "does not depend on the seed";
    case Decider::None:
      break;
  }
  return d.outcome == Outcome::Identical ? "-" : "too few seeds";
}

}  // namespace

std::string proposal(const Difference& d, const record::ComparisonRule& rule) {
  if (!d.seeds_to_decide) return "";
  if (!d.seeds_as_seen) return fmt::format("about {} seeds would decide", about(*d.seeds_to_decide));
  return fmt::format("about {} seeds would show a difference as large as this, about {} one of {}",
                     about(*d.seeds_as_seen), about(*d.seeds_to_decide),
                     stated_percent(rule.least_difference));
}

std::vector<DifferenceRow> difference_rows(const Comparison& c) {
  std::vector<DifferenceRow> rows;
  const ComparedMetric* metric = c.primary();
  if (metric == nullptr || !metric->best) return rows;
  const record::Unit unit = metric->info.unit;
  for (size_t i = 0; i < c.settings.size(); ++i) {
    const Difference& d = metric->from_best[i];
    if (d.outcome == Outcome::Unknown) continue;
    rows.push_back({c.settings[i], quantity(metric->center(i), unit), quantity(d.mean, unit),
                    d.interval && was_tested(d) ? interval(*d.interval, unit) : "-",
                    d.t ? probability(d.t->p) : "-", d.sign_flip_p ? probability(*d.sign_flip_p) : "-",
                    decider_in_words(d), outcome_in_words(d, c)});
  }
  return rows;
}

std::string method(const Comparison& c) {
  const ComparedMetric* metric = c.primary();
  if (metric == nullptr || !metric->best || c.seeds < 2) return "";
  if (std::none_of(metric->from_best.begin(), metric->from_best.end(), was_tested)) return "";
  const bool t = has_decider(*metric, Decider::PairedT);
  const bool flips = has_decider(*metric, Decider::SignFlip);
  std::string tests = t && flips
                          ? "paired t-test, or sign-flip permutation test where they do not look normal"
                      : flips ? "sign-flip permutation test, since they do not look normal"
                              : "paired t-test";
  if (t || flips) tests += ", " + level_in_words(c);
  if (metric->tests > 1 && (t || flips))
    tests += fmt::format(", p adjusted for {} comparisons (Holm)", metric->tests);
  std::string text;
  if (t || flips)
    text = fmt::format("Tested were the differences within each of the {} seeds: {}.", c.seeds, tests);
  const size_t needed = record::least_pairs_of_sign_flip(c.rule.alpha);
  if (c.seeds < needed)
    text += fmt::format(
        "{}The sign-flip test, which assumes no distribution, is not offered: with fewer than {} seeds it "
        "cannot "
        "reach {}.",
        text.empty() ? "" : " ", needed, stated_percent(c.rule.alpha));
  return text;
}

}  // namespace railyard::report
