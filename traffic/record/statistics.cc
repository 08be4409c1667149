// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/record/statistics.h"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <numeric>

namespace railyard::record {

double nearest_rank(const std::vector<double>& sorted, double p) {
  // 0.99 * 100 is a little more than 99 in binary: without the slack rank 100 would be taken.
  constexpr double kSlack = 1e-9;
  const double n = static_cast<double>(sorted.size());
  const auto rank = static_cast<size_t>(std::ceil(p * n - kSlack));
  return sorted[std::clamp<size_t>(rank, 1, sorted.size()) - 1];
}

double jain_index(const std::vector<double>& shares) {
  double sum = 0;
  double squares = 0;
  for (const double x : shares) {
    sum += x;
    squares += x * x;
  }
  return squares > 0 ? sum * sum / (static_cast<double>(shares.size()) * squares) : 1;
}

Spread spread_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  Spread s;
  s.n = values.size();
  const double n = static_cast<double>(s.n);
  s.min = values.front();
  s.max = values.back();
  s.median = (values[(s.n - 1) / 2] + values[s.n / 2]) / 2;
  // The mean of equal values is that value, not one rounding away from it: or they would seem to vary.
  s.mean = s.min == s.max ? s.min : std::accumulate(values.begin(), values.end(), 0.0) / n;
  if (s.n < 2) return s;
  double squares = 0;
  for (const double v : values) squares += (v - s.mean) * (v - s.mean);
  s.deviation = std::sqrt(squares / (n - 1));
  const boost::math::students_t t(n - 1);
  s.half_interval95 = boost::math::quantile(t, 0.975) * *s.deviation / std::sqrt(n);
  return s;
}

std::optional<double> welch_p_value(const Spread& a, const Spread& b) {
  if (!a.deviation || !b.deviation) return std::nullopt;
  const double na = static_cast<double>(a.n);
  const double nb = static_cast<double>(b.n);
  const double va = *a.deviation * *a.deviation / na;
  const double vb = *b.deviation * *b.deviation / nb;
  if (va + vb == 0) return a.mean == b.mean ? 1.0 : 0.0;
  const double t = std::abs(a.mean - b.mean) / std::sqrt(va + vb);
  // Welch and Satterthwaite's degrees of freedom.
  const double freedom = (va + vb) * (va + vb) / (va * va / (na - 1) + vb * vb / (nb - 1));
  const boost::math::students_t distribution(freedom);
  return 2 * boost::math::cdf(boost::math::complement(distribution, t));
}

}  // namespace railyard::record
