// SPDX-License-Identifier: BSD-3-Clause
// Settings against each other, over seeds: which is best by each metric, by how much, and whether the
// difference is more than chance.
//
// Settings share their seeds (hashes, start times, salts), so that what is judged is the difference within
// each seed. Where the differences look normal Student's paired t decides, else the sign-flip test, which
// takes nothing about their shape but needs six pairs. Over all pairs of settings the probabilities are
// adjusted (Holm) and the intervals widened (Bonferroni), so that comparing more settings does not find more
// by chance. What does not depend on the seed is not tested. docs/report.md has the rule in full.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "traffic/record/metrics.h"
#include "traffic/record/paired_test.h"
#include "traffic/record/statistics.h"

namespace railyard::record {

struct SettingSummaries {
  std::string name;
  std::vector<Summary> runs;    // one a seed
  std::vector<uint64_t> seeds;  // as `runs`
};

struct ComparisonRule {
  double alpha = 0.05;             // of all differences of a metric together, this time
  double least_difference = 0.01;  // relative; a smaller one matters to nobody
  // The numbers of seeds at which the runs were planned to be judged, of which the last that is not above the
  // number of runs is this time; alpha is what it may spend. Empty: once.
  std::vector<size_t> looks;
  double alpha_of_all_looks = 0.05;
};

// A setting as seen from the best one.
enum class Outcome : uint8_t {
  Unknown,    // one seed, a metric that it lacks or that has no better, or the best itself
  Identical,  // the same value in every seed
  Same,       // the whole interval of the difference lies within the least one that matters
  Untested,   // too few seeds for the test that would suit them
  Undecided,
  Worse,
};

// "identical", "same", "untested", "undecided", "worse", and nothing for Unknown: as the exports have it.
std::string_view name_of(Outcome outcome);

// Which test an outcome rests on.
enum class Decider : uint8_t { None, PairedT, SignFlip, NoSeedDependence };

// The best setting against another. Differences are positive where the best is better.
struct Difference {
  Outcome outcome = Outcome::Unknown;
  Decider decider = Decider::None;
  size_t pairs = 0;
  double mean = 0;
  Range seen;              // from the smallest to the largest
  std::optional<TTest> t;  // p not adjusted, interval as below; empty below the fewest pairs of any test
  std::optional<double> sign_flip_p;  // not adjusted; empty below the pairs it needs
  std::optional<double> p;            // the decider's, adjusted for all pairs of settings
  std::optional<Range> interval;      // the decider's; those of all pairs hold together
  size_t least_pairs = 0;             // when untested: the fewest with which a test would be offered
  // When untested or undecided. Seeds that would decide whatever the true difference is: they narrow the
  // interval to half of the least difference that matters, either way. And those that would show a true
  // difference as large as the one seen; absent where that is below what matters, or needs more. Neither
  // where anything matters.
  std::optional<size_t> seeds_to_decide, seeds_as_seen;
};

struct ComparedMetric {
  MetricInfo info;
  std::vector<std::optional<Spread>> spread;  // by setting; empty where no run of it has the metric
  // Whether some setting's values lie in two groups: medians then stand for the settings, not means.
  bool split = false;
  // The setting with the best mean (median where split), of those that have the metric in the most seeds.
  // Empty when better is Neither, fewer than two settings have the metric, or all have the same value.
  std::optional<size_t> best;
  std::vector<Difference> from_best;  // by setting
  bool all_identical = false;         // two settings or more, and the same value under each in every seed
  std::vector<size_t> first_like;     // by setting: the first one with the same values, which may be itself
  size_t tests = 0;                   // pairs of settings for which the probabilities are adjusted
  size_t least_pairs = 0;             // fewest of two settings that are told apart at all

  // The mean, or the median where the metric is split; of a setting that has the metric.
  double center(size_t setting) const;
  bool some_outcome(Outcome outcome) const;
  // Whether the setting has the best value; several may share it.
  bool is_best(size_t setting) const;
};

struct Comparison {
  std::vector<std::string> settings;
  size_t seeds = 0;  // the fewest of any setting
  ComparisonRule rule;
  std::vector<ComparedMetric> metrics;  // in the catalogue's order; those that at least one run has

  // Null when no run has it.
  const ComparedMetric* find(std::string_view name) const;
  // What settings are told apart by: the training step where there is one, else the slowest flows. Null when
  // there is neither.
  const ComparedMetric* primary() const;
};

Comparison compare(const std::vector<SettingSummaries>& settings, const ComparisonRule& rule = {});

// One metric of settings, values by setting and seed, for what is no run's summary.
ComparedMetric compare_values(const MetricInfo& info, const std::vector<std::vector<double>>& values,
                              const ComparisonRule& rule = {});

// How much better `best` is than `other`, relative to `other`: 0.12 is "12 % less" (lower is better) or "12 %
// more". Empty when other is 0.
std::optional<double> relative_gain(Better better, double best, double other);

}  // namespace railyard::record
