// SPDX-License-Identifier: BSD-3-Clause
// Tests of differences between two settings that ran with the same seeds. `differences` holds one value a
// seed; with no true difference each is as likely to be positive as negative.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace railyard::record {

// With fewer pairs a normal distribution is taken for granted.
constexpr size_t kLeastPairsToCheckShape = 5;

// Both ends in the unit of the values.
struct Range {
  double low = 0, high = 0;
};

// Student's paired t: the two-sided probability of a mean difference at least as large by chance, and the
// interval of the true mean at the confidence 1 - `alpha`. Empty with fewer than two differences, or where
// all are equal. Student, Biometrika 6, 1908.
struct TTest {
  double p = 1;
  Range interval;
};
std::optional<TTest> paired_t(const std::vector<double>& differences, double alpha);

// Fewest pairs with which two settings are told apart at all. Where every run has one of two values, which
// flows that collide or do not can bring about, a setting differs from itself the same way in all of n seeds
// with a chance of up to 2 / 4^n, and any test that goes by the spread is then sure: 2 / 4^n < alpha. 3 for 5
// %.
size_t least_pairs_of_any_test(double alpha);

// Fewest pairs with which the two-sided sign-flip test can fall below `alpha`: 2 / 2^n < alpha. 6 for 5 %.
size_t least_pairs_of_sign_flip(double alpha);

// Fisher's randomisation test for pairs: the share of all ways to flip the differences' signs whose mean is
// at least as far from 0 as the one that was seen. It takes nothing about the shape of the distribution. Up
// to 12 pairs every way is counted, beyond 9,999 random ones and the one seen: both are exact. Fisher, The
// Design of Experiments, 1935, section 21; Phipson and Smyth, Stat. Appl. Genet. Mol. Biol. 9, 2010.
double sign_flip_p(const std::vector<double>& differences);

// The shifts that the same test does not reject at `alpha`, from the means of the subsets of the differences
// (Hartigan, Using Subsample Values as Typical Values, J. Am. Stat. Assoc. 64, 1969). Empty where so few
// pairs cannot tell.
std::optional<Range> sign_flip_interval(const std::vector<double>& differences, double alpha);

// Whether Shapiro and Francia's test does not reject a normal distribution at 5 %; false where all values are
// equal, true with fewer than kLeastPairsToCheckShape, which cannot tell. Royston, Statistician 42, 1993.
bool looks_normal(std::vector<double> values);

// Whether the values lie in two groups with a gap between them that no group has within: a mean that no run
// shows is then no summary. At least two values stand in each group.
bool is_split(std::vector<double> values);

// `p` of several tests of one family, adjusted so that each may be held against the family's level. Holm,
// Scand. J. Stat. 6, 1979.
std::vector<double> holm(const std::vector<double>& p);

// Fewest pairs at which the half-width of the t interval at 1 - `alpha` is at most `half_width`, when
// differences deviate by `deviation`; at least 2. At most 1e9. `half_width` is positive.
size_t pairs_for_half_width(double deviation, double half_width, double alpha);

// Fewest pairs with which paired t at `alpha` finds a true difference of `difference` in 80 % of trials.
size_t pairs_for_power(double deviation, double difference, double alpha);

}  // namespace railyard::record
