// SPDX-License-Identifier: BSD-3-Clause
#include "tools/report/reduce.h"

#include <algorithm>

namespace railyard::report {

std::vector<double> cdf_grid(std::vector<double> samples, size_t points) {
  constexpr double kTail = 0.99;
  if (samples.empty()) return {};
  std::sort(samples.begin(), samples.end());
  const size_t in_tail = points / 5;
  const size_t in_body = points - in_tail;
  const double last = static_cast<double>(samples.size() - 1);
  std::vector<double> grid;
  const auto take = [&](double fraction) { grid.push_back(samples[static_cast<size_t>(fraction * last)]); };
  for (size_t i = 0; i < in_body; ++i) take(kTail * static_cast<double>(i) / static_cast<double>(in_body));
  for (size_t i = 0; i < in_tail; ++i)
    take(kTail + (1 - kTail) * static_cast<double>(i + 1) / static_cast<double>(in_tail));
  grid.back() = samples.back();
  grid.erase(std::unique(grid.begin(), grid.end()), grid.end());
  return grid;
}

std::vector<double> cdf_at(const std::vector<double>& grid, std::vector<double> samples) {
  std::sort(samples.begin(), samples.end());
  std::vector<double> fractions;
  const double n = static_cast<double>(samples.size());
  for (const double value : grid) {
    const auto above = std::upper_bound(samples.begin(), samples.end(), value);
    fractions.push_back(n > 0 ? static_cast<double>(above - samples.begin()) / n : 0);
  }
  return fractions;
}

namespace {

// In which of `buckets` equal parts of [0, span] sample i lies.
size_t bucket_of(size_t i, SimTime interval, SimTime span, size_t buckets) {
  const double width = static_cast<double>(span.ps) / static_cast<double>(buckets);
  const double at = static_cast<double>(i + 1) * static_cast<double>(interval.ps);
  return std::min(static_cast<size_t>(at / width), buckets - 1);
}

}  // namespace

std::vector<std::optional<uint32_t>> peaks(const record::QueueSamples& samples, SimTime span,
                                           size_t buckets) {
  std::vector<std::optional<uint32_t>> out(buckets);
  if (span.ps <= 0 || buckets == 0) return out;
  for (size_t i = 0; i < samples.bytes.size(); ++i) {
    auto& peak = out[bucket_of(i, samples.interval, span, buckets)];
    peak = std::max(peak.value_or(0), samples.bytes[i]);
  }
  return out;
}

std::vector<std::optional<double>> means(const std::vector<uint64_t>& samples, SimTime interval, SimTime span,
                                         size_t buckets) {
  std::vector<std::optional<double>> out(buckets);
  if (span.ps <= 0 || buckets == 0) return out;
  std::vector<size_t> counts(buckets);
  for (size_t i = 0; i < samples.size(); ++i) {
    if (samples[i] == kNoWindow) continue;
    const size_t bucket = bucket_of(i, interval, span, buckets);
    out[bucket] = out[bucket].value_or(0) + static_cast<double>(samples[i]);
    ++counts[bucket];
  }
  for (size_t i = 0; i < buckets; ++i)
    if (out[i]) *out[i] /= static_cast<double>(counts[i]);
  return out;
}

std::vector<Interval> merged(std::vector<Interval> intervals, SimTime least_gap) {
  std::sort(intervals.begin(), intervals.end());
  std::vector<Interval> out;
  for (const Interval& interval : intervals) {
    if (!out.empty() && interval.first - out.back().second <= least_gap)
      out.back().second = std::max(out.back().second, interval.second);
    else
      out.push_back(interval);
  }
  return out;
}

}  // namespace railyard::report
