// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/record/seed_plan.h"

#include <algorithm>
#include <cmath>

namespace railyard::record {
namespace {

// Of alpha: what each look but the last spends. The last has what is left.
constexpr double kEarlySpending = 0.2;
constexpr size_t kMostFurtherLooks = 3;
// A look that adds less than this factor is not worth its share.
constexpr double kLeastGrowth = 1.4;

}  // namespace

SeedPlan::SeedPlan(size_t first, size_t most, ComparisonRule rule)
    : rule_(std::move(rule)), most_(std::max(first, most)), looks_({first}) {}

double SeedPlan::alpha() const {
  if (looks_[look_] >= most_ || (look_ > 0 && look_ + 1 == looks_.size()))
    return rule_.alpha * (1 - kEarlySpending * static_cast<double>(look_));
  return rule_.alpha * kEarlySpending;
}

ComparisonRule SeedPlan::rule() const {
  ComparisonRule rule = rule_;
  rule.alpha = alpha();
  rule.alpha_of_all_looks = rule_.alpha;
  rule.looks.assign(looks_.begin(), looks_.begin() + static_cast<ptrdiff_t>(look_) + 1);
  return rule;
}

bool SeedPlan::go_on(const ComparedMetric& metric) {
  if (!metric.some_outcome(Outcome::Undecided) && !metric.some_outcome(Outcome::Untested)) return false;
  if (look_ == 0 && looks_.front() < most_) lay_out(metric);
  if (look_ + 1 == looks_.size()) return false;
  ++look_;
  return true;
}

void SeedPlan::lay_out(const ComparedMetric& metric) {
  size_t last = looks_.front() + 1;
  for (const Difference& d : metric.from_best)
    if (d.outcome == Outcome::Undecided || d.outcome == Outcome::Untested)
      last = std::max(last, d.seeds_to_decide.value_or(most_));
  last = std::min(last, most_);
  const double growth = static_cast<double>(last) / static_cast<double>(looks_.front());
  const auto further = std::clamp<size_t>(static_cast<size_t>(std::log(growth) / std::log(kLeastGrowth)), 1,
                                          kMostFurtherLooks);
  for (size_t i = 1; i < further; ++i) {
    const double share = static_cast<double>(i) / static_cast<double>(further);
    looks_.push_back(
        static_cast<size_t>(std::llround(static_cast<double>(looks_.front()) * std::pow(growth, share))));
  }
  looks_.push_back(last);
}

}  // namespace railyard::record
