// SPDX-License-Identifier: BSD-3-Clause
// Settings against each other, over seeds: which is best by each metric, by how much, and whether the
// difference is more than chance.
//
// The rule: two settings differ in a metric when Welch's t-test over their seeds rejects equal means at 5 %,
// divided by the number of pairs of settings (Bonferroni), so that comparing more settings does not find more
// by chance. With one seed nothing is said about chance.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "traffic/record/metrics.h"
#include "traffic/record/statistics.h"

namespace railyard::record {

struct SettingSummaries {
  std::string name;
  std::vector<Summary> runs;  // one a seed
};

// Whether a difference between two settings is more than the seeds' variation.
enum class Difference : uint8_t { Unknown, WithinSpread, BeyondSpread };

struct ComparedMetric {
  MetricInfo info;
  std::vector<std::optional<Spread>> spread;  // by setting; empty where no run of it has the metric
  // The setting with the best mean. Empty when better is Neither, fewer than two settings have the metric, or
  // all have the same mean.
  std::optional<size_t> best;
  std::vector<Difference> from_best;  // by setting; Unknown without `best`; of the best itself: WithinSpread

  // Best, or not told apart from the best, while some other setting is worse beyond doubt (with one seed: the
  // best). A setting whose mean is behind that of one that is worse beyond doubt is not marked, however
  // widely it varies.
  bool is_marked(size_t setting) const;
};

struct Comparison {
  std::vector<std::string> settings;
  size_t seeds = 0;                     // the fewest of any setting
  std::vector<ComparedMetric> metrics;  // in the catalogue's order; those that at least one run has

  // Null when no run has it.
  const ComparedMetric* find(std::string_view name) const;
};

Comparison compare(const std::vector<SettingSummaries>& settings);

// How much better `best` is than `other`, relative to `other`: 0.12 is "12 % less" (lower is better) or "12 %
// more". Empty when other is 0.
std::optional<double> relative_gain(Better better, double best, double other);

}  // namespace railyard::record
