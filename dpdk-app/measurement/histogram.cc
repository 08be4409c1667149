// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/measurement/histogram.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace railyard::lab {

void Histogram::merge(const Histogram& other) {
  for (size_t i = 0; i < kBuckets; ++i) counts_[i] += other.counts_[i];
  total_ += other.total_;
  minimum_ = std::min(minimum_, other.minimum_);
  maximum_ = std::max(maximum_, other.maximum_);
}

void Histogram::clear() {
  *this = Histogram();
}

double Histogram::middle_of(size_t index) {
  return (static_cast<double>(lowest_of(index)) + static_cast<double>(highest_of(index))) / 2;
}

double Histogram::mean() const {
  if (total_ == 0) return 0;
  double sum = 0;
  for (size_t i = 0; i < kBuckets; ++i) {
    if (counts_[i] != 0) sum += static_cast<double>(counts_[i]) * middle_of(i);
  }
  return sum / static_cast<double>(total_);
}

double Histogram::standard_deviation() const {
  if (total_ == 0) return 0;
  const double center = mean();
  double squares = 0;
  for (size_t i = 0; i < kBuckets; ++i) {
    const double distance = middle_of(i) - center;
    if (counts_[i] != 0) squares += static_cast<double>(counts_[i]) * distance * distance;
  }
  return std::sqrt(squares / static_cast<double>(total_));
}

int64_t Histogram::percentile(double percent) const {
  if (total_ == 0) return 0;
  const double wanted = std::ceil(std::clamp(percent, 0.0, 100.0) / 100 * static_cast<double>(total_));
  const auto rank = std::clamp<uint64_t>(static_cast<uint64_t>(wanted), 1, total_);
  uint64_t seen = 0;
  for (size_t i = 0; i < kBuckets; ++i) {
    seen += counts_[i];
    if (seen >= rank) return std::min(highest_of(i), maximum_);
  }
  return maximum_;
}

std::vector<uint64_t> Histogram::counts() const {
  const size_t used = total_ == 0 ? 0 : index_of(maximum_) + 1;
  return {counts_.begin(), counts_.begin() + static_cast<std::ptrdiff_t>(used)};
}

tl::expected<Histogram, std::string> Histogram::of_counts(const std::vector<uint64_t>& counts,
                                                          int64_t minimum, int64_t maximum) {
  if (counts.size() > kBuckets) {
    return tl::unexpected(
        fmt::format("a histogram of {} buckets; it has at most {}", counts.size(), +kBuckets));
  }
  Histogram histogram;
  std::copy(counts.begin(), counts.end(), histogram.counts_.begin());
  const auto is_used = [](uint64_t count) { return count != 0; };
  const auto first = std::find_if(counts.begin(), counts.end(), is_used);
  if (first == counts.end()) return histogram;
  const auto last = std::find_if(counts.rbegin(), counts.rend(), is_used);
  for (uint64_t count : counts) histogram.total_ += count;
  const auto lowest = static_cast<size_t>(first - counts.begin());
  const auto highest = static_cast<size_t>(counts.rend() - last - 1);
  if (minimum < 0 || maximum < minimum || index_of(minimum) != lowest || index_of(maximum) != highest) {
    return tl::unexpected(fmt::format(
        "a histogram whose minimum {} or maximum {} is in no bucket that has counts", minimum, maximum));
  }
  histogram.minimum_ = minimum;
  histogram.maximum_ = maximum;
  return histogram;
}

// Columns, footer and which percentiles are listed are those of HdrHistogram's outputPercentileDistribution
// with five ticks a half distance: 5 lines until half of what is left, then 5 for the next half, and so on.
void Histogram::write_hgrm(std::ostream& out, double unit_ps) const {
  constexpr int kTicksPerHalfDistance = 5;
  out << fmt::format("{:>12} {:>14} {:>10} {:>14}\n\n", "Value", "Percentile", "TotalCount",
                     "1/(1-Percentile)");
  double level = 0;
  uint64_t seen = 0;
  for (size_t i = 0; i < kBuckets && seen < total_; ++i) {
    if (counts_[i] == 0) continue;
    seen += counts_[i];
    const double value = static_cast<double>(std::min(highest_of(i), maximum_)) / unit_ps;
    while (100.0 * static_cast<double>(seen) / static_cast<double>(total_) >= level) {
      out << fmt::format("{:12.3f} {:2.12f} {:10} {:14.2f}\n", value, level / 100, seen,
                         1 / (1 - level / 100));
      level +=
          100.0 / (kTicksPerHalfDistance * std::exp2(std::floor(std::log2(100.0 / (100.0 - level))) + 1));
      if (seen == total_) break;
    }
  }
  if (total_ != 0) {
    out << fmt::format("{:12.3f} {:2.12f} {:10}\n", static_cast<double>(maximum_) / unit_ps, 1.0, total_);
  }
  out << fmt::format("#[Mean    = {:12.3f}, StdDeviation   = {:12.3f}]\n", mean() / unit_ps,
                     standard_deviation() / unit_ps)
      << fmt::format("#[Max     = {:12.3f}, Total count    = {:12}]\n",
                     static_cast<double>(maximum()) / unit_ps, total_)
      << fmt::format("#[Buckets = {:12}, SubBuckets     = {:12}]\n", kBuckets / kSubBuckets, +kSubBuckets);
}

}  // namespace railyard::lab
