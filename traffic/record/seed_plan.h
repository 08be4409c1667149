// SPDX-License-Identifier: BSD-3-Clause
// How many seeds to run until a comparison is decided, so that having looked before does not find more by
// chance: a few looks, whose levels add up to that of one. They depend on how widely the paired differences
// vary, never on how large they are.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "traffic/record/comparison.h"

namespace railyard::record {

class SeedPlan {
 public:
  // `first` seeds are run before anything is known; never more than `most`. `rule.alpha` is spent over all
  // looks together (Bonferroni: their sum bounds the error whatever binds the looks).
  SeedPlan(size_t first, size_t most, ComparisonRule rule);

  // The rule by which the present look judges.
  ComparisonRule rule() const;
  size_t seeds() const { return looks_[look_]; }

  // After the present look: whether more seeds are to be run, of which seeds() then gives the number. The
  // first time, the looks that follow are laid out: up to three, the last where the interval of every pair
  // that is undecided is narrow enough to decide.
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
