// SPDX-License-Identifier: BSD-3-Clause
// The few statistics that the metrics and the comparison of settings rest on.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace railyard::record {

// The smallest sample that at least the fraction `p` (0 < p <= 1) of the samples does not exceed: the
// nearest-rank percentile, as nccl-tests and the IETF's AI-fabric benchmarking drafts have it. It is always a
// value that occurred. `sorted` ascends and is not empty.
double nearest_rank(const std::vector<double>& sorted, double p);

// Jain's fairness index: (sum x)^2 / (n sum x^2); 1 when all are equal, 1/n when one has everything. 1 for
// none. Jain, Chiu, Hawe: A Quantitative Measure of Fairness, DEC-TR-301, 1984.
double jain_index(const std::vector<double>& shares);

// How a metric varies over seeds.
struct Spread {
  size_t n = 0;
  double mean = 0, median = 0, min = 0, max = 0;
  // Below: only with n >= 2.
  std::optional<double> deviation;        // of the sample: divided by n - 1
  std::optional<double> half_interval95;  // mean +- this is the 95 % confidence interval (Student's t)
};

// The median of an even number of values is the mean of the middle two. `values` is not empty.
Spread spread_of(std::vector<double> values);

// The probability that means at least as far apart come from the same distribution: Welch's t-test,
// two-sided, for unequal variances (Biometrika 34, 1947). Empty when either has fewer than two values. When
// neither varies at all it is 0 for different means and 1 for equal ones.
std::optional<double> welch_p_value(const Spread& a, const Spread& b);

}  // namespace railyard::record
