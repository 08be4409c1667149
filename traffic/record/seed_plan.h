// SPDX-License-Identifier: BSD-3-Clause
// How many seeds to run until a comparison is decided, so that having looked before does not find more by
// chance: a few looks, each with a share of the level, which together never exceed it. Were the looks fixed
// beforehand, that would bound the error (Bonferroni). Those after the first are laid out from what it shows:
// which settings it leaves undecided, and how widely their differences vary. What that costs is measured, not
// proved (docs/validation.md, V3).
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "traffic/record/comparison.h"

namespace railyard::record {

class SeedPlan {
 public:
  // `first` seeds are run before anything is known, and never more than `most`, or `first` where that is
  // more. `rule.alpha` is spent over all looks together.
  SeedPlan(size_t first, size_t most, ComparisonRule rule);

  // The rule by which the present look judges.
  ComparisonRule rule() const;
  size_t seeds() const { return looks_[look_]; }

  // After the present look: whether more seeds are to be run, of which seeds() then gives the number. After
  // the first, the looks that follow are laid out: up to three, the last at the most seeds that a difference
  // from the best is estimated to need (seeds_to_decide), or at `most`.
  bool go_on(const ComparedMetric& metric);

 private:
  double alpha() const;
  void lay_out(const ComparedMetric& metric);

  ComparisonRule rule_;
  size_t most_;
  std::vector<size_t> looks_;
  size_t look_ = 0;
};

}  // namespace railyard::record
