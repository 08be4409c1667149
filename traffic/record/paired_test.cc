// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/record/paired_test.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <random>

#include "traffic/record/statistics.h"

namespace railyard::record {
namespace {

constexpr size_t kMostPairsCounted = 12;
constexpr size_t kRandomFlips = 9'999;
constexpr uint64_t kFlipSeed = 0x5eed;
// Sums of the same values in another order differ in their last digits.
constexpr double kRounding = 1e-9;

double sum_of(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

// Sums of any subset of the values in a few steps: of each eight of them, all 256 sums are kept.
class SubsetSums {
 public:
  explicit SubsetSums(const std::vector<double>& values) : tables_((values.size() + 7) / 8) {
    for (size_t part = 0; part < tables_.size(); ++part)
      for (size_t chosen = 1; chosen < kSums; ++chosen) {
        const size_t lowest = lowest_bit(chosen);
        const size_t i = 8 * part + lowest;
        tables_[part][chosen] = tables_[part][chosen & (chosen - 1)] + (i < values.size() ? values[i] : 0);
      }
  }

  // `words` holds a bit a value, the first one lowest.
  double operator()(const std::vector<uint64_t>& words) const {
    double sum = 0;
    for (size_t part = 0; part < tables_.size(); ++part)
      sum += tables_[part][words[part / 8] >> (8 * (part % 8)) & (kSums - 1)];
    return sum;
  }

 private:
  static constexpr size_t kSums = 256;

  static size_t lowest_bit(size_t bits) {
    size_t i = 0;
    while ((bits >> i & 1) == 0) ++i;
    return i;
  }

  std::vector<std::array<double, kSums>> tables_;
};

// Calls visit(sum, how many) for every subset of the differences but the empty one, or for random subsets,
// each element being in with a probability of 1/2.
template <class Visit>
void for_each_subset(const std::vector<double>& d, Visit visit) {
  const SubsetSums sums(d);
  std::vector<uint64_t> words((d.size() + 63) / 64);
  const auto visit_chosen = [&] {
    size_t count = 0;
    for (const uint64_t word : words) count += std::bitset<64>(word).count();
    visit(sums(words), count);
  };
  if (d.size() <= kMostPairsCounted) {
    for (words[0] = 1; words[0] < uint64_t{1} << d.size(); ++words[0]) visit_chosen();
    return;
  }
  const size_t unused = words.size() * 64 - d.size();
  std::mt19937_64 random(kFlipSeed);
  for (size_t flip = 0; flip < kRandomFlips; ++flip) {
    for (uint64_t& word : words) word = random();
    words.back() >>= unused;
    visit_chosen();
  }
}

double t_quantile(double probability, size_t n) {
  return boost::math::quantile(boost::math::students_t(static_cast<double>(n - 1)), probability);
}

// The least n from 2 up with `factor(n)` * deviation <= size * sqrt(n), where the factor falls with n to a
// limit: from the n of one factor follows the next.
template <class Factor>
size_t least_pairs(double deviation, double size, Factor factor) {
  constexpr double kNobodyRunsSoMany = 1e9;
  const auto needed = [&](size_t n) {
    const double root = factor(n) * deviation / size;
    return std::clamp(std::ceil(root * root), 2.0, kNobodyRunsSoMany);
  };
  auto n = static_cast<size_t>(needed(static_cast<size_t>(kNobodyRunsSoMany)));
  while (needed(n) > static_cast<double>(n)) ++n;
  return n;
}

}  // namespace

std::optional<TTest> paired_t(const std::vector<double>& differences, double alpha) {
  if (differences.size() < 2) return std::nullopt;
  const Spread spread = spread_of(differences);
  if (spread.min == spread.max) return std::nullopt;
  const double n = static_cast<double>(spread.n);
  const double error = *spread.deviation / std::sqrt(n);
  const boost::math::students_t distribution(n - 1);
  const double p = 2 * boost::math::cdf(boost::math::complement(distribution, std::abs(spread.mean) / error));
  const double half = error * t_quantile(1 - alpha / 2, spread.n);
  return TTest{p, {spread.mean - half, spread.mean + half}};
}

size_t least_pairs_of_any_test(double alpha) {
  size_t n = 1;
  while (2 * std::exp2(-2 * static_cast<double>(n)) >= alpha) ++n;
  return n;
}

size_t least_pairs_of_sign_flip(double alpha) {
  size_t n = 1;
  while (2 * std::exp2(-static_cast<double>(n)) >= alpha) ++n;
  return n;
}

double sign_flip_p(const std::vector<double>& differences) {
  // Flipping a subset takes twice its sum from the total.
  const double total = sum_of(differences);
  const double as_far = std::abs(total) * (1 - kRounding);
  size_t ways = 1;  // nothing flipped
  size_t extreme = 1;
  for_each_subset(differences, [&](double sum, size_t) {
    ++ways;
    if (std::abs(total - 2 * sum) >= as_far) ++extreme;
  });
  return static_cast<double>(extreme) / static_cast<double>(ways);
}

std::optional<Range> sign_flip_interval(const std::vector<double>& differences, double alpha) {
  std::vector<double> means;
  for_each_subset(differences, [&](double sum, size_t count) {
    // A random subset may be empty: flipping nothing is as far as what was seen, at either end.
    if (count > 0) means.push_back(sum / static_cast<double>(count));
  });
  const double ways = static_cast<double>(means.size() + 1);
  const auto left_out = static_cast<size_t>(alpha / 2 * ways);
  if (left_out == 0) return std::nullopt;
  const auto nth = [&](size_t n) {
    std::nth_element(means.begin(), means.begin() + static_cast<ptrdiff_t>(n), means.end());
    return means[n];
  };
  return Range{nth(left_out - 1), nth(means.size() - left_out)};
}

bool looks_normal(std::vector<double> values) {
  constexpr double kLevel = 0.05;
  std::sort(values.begin(), values.end());
  if (values.empty() || values.front() == values.back()) return false;
  if (values.size() < kLeastPairsToCheckShape) return true;
  const double n = static_cast<double>(values.size());
  const boost::math::normal normal;
  const double mean = sum_of(values) / n;
  double products = 0;
  double scores = 0;
  double squares = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    // Blom's approximation to the expected value of the i-th of n.
    const double score = boost::math::quantile(normal, (static_cast<double>(i) + 0.625) / (n + 0.25));
    products += score * (values[i] - mean);
    scores += score * score;
    squares += (values[i] - mean) * (values[i] - mean);
  }
  const double w = products * products / (scores * squares);
  const double u = std::log(n);
  const double v = std::log(u);
  const double expected = -1.2725 + 1.0521 * (v - u);
  const double deviation = 1.0308 - 0.26758 * (v + 2 / u);
  const double z = (std::log(std::max(1 - w, 1e-12)) - expected) / deviation;
  return boost::math::cdf(boost::math::complement(normal, z)) >= kLevel;
}

bool is_split(std::vector<double> values) {
  constexpr size_t kFewest = 5;
  constexpr double kLeastGap = 0.01;  // of the mean; a smaller one matters to nobody
  // Chosen so that at most one in fourteen samples of a normal, an exponential or a uniform distribution
  // seems split; with five values the evidence must be stronger.
  const bool few = values.size() == kFewest;
  const double least_share = few ? 0.98 : 0.9;
  const double least_ratio = few ? 6 : 3;
  if (values.size() < kFewest) return false;
  std::sort(values.begin(), values.end());
  const double n = static_cast<double>(values.size());
  const double mean = sum_of(values) / n;
  double squares = 0;
  double widest = 0;
  size_t cut = 0;  // values before the widest gap
  for (size_t i = 0; i < values.size(); ++i) {
    squares += (values[i] - mean) * (values[i] - mean);
    if (i > 0 && values[i] - values[i - 1] > widest) {
      widest = values[i] - values[i - 1];
      cut = i;
    }
  }
  if (cut < 2 || values.size() - cut < 2 || widest < kLeastGap * std::abs(mean)) return false;
  double next = 0;
  for (size_t i = 1; i < values.size(); ++i)
    if (i != cut) next = std::max(next, values[i] - values[i - 1]);
  const double below = static_cast<double>(cut);
  const double low =
      std::accumulate(values.begin(), values.begin() + static_cast<ptrdiff_t>(cut), 0.0) / below;
  const double high = (n * mean - below * low) / (n - below);
  const double between = below * (low - mean) * (low - mean) + (n - below) * (high - mean) * (high - mean);
  return between >= least_share * squares && widest >= least_ratio * next;
}

std::vector<double> holm(const std::vector<double>& p) {
  std::vector<size_t> order(p.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return p[a] < p[b]; });
  std::vector<double> adjusted(p.size());
  double least = 0;
  for (size_t rank = 0; rank < order.size(); ++rank) {
    least = std::max(least, p[order[rank]] * static_cast<double>(p.size() - rank));
    adjusted[order[rank]] = std::min(least, 1.0);
  }
  return adjusted;
}

size_t pairs_for_half_width(double deviation, double half_width, double alpha) {
  return least_pairs(deviation, half_width, [&](size_t n) { return t_quantile(1 - alpha / 2, n); });
}

size_t pairs_for_power(double deviation, double difference, double alpha) {
  constexpr double kPower = 0.8;
  return least_pairs(deviation, difference,
                     [&](size_t n) { return t_quantile(1 - alpha / 2, n) + t_quantile(kPower, n); });
}

}  // namespace railyard::record
