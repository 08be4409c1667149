// SPDX-License-Identifier: BSD-3-Clause
// Counts of times in buckets whose width grows with the value, so that no value is off by 1 % or more.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include <tl/expected.hpp>

namespace railyard::lab {

// Picoseconds from 0 to 106 days. Values below 256 have a bucket each; above, each power of two is divided in
// 128 (as HdrHistogram's sub-buckets are). Negative values count as 0. 57 KiB.
class Histogram {
 public:
  Histogram() : counts_(kBuckets) {}

  void add(int64_t ps) { add(ps, 1); }
  void add(int64_t ps, uint64_t times) {
    const int64_t value = ps > 0 ? ps : 0;
    counts_[index_of(value)] += times;
    total_ += times;
    if (value < minimum_) minimum_ = value;
    if (value > maximum_) maximum_ = value;
  }
  void merge(const Histogram& other);
  void clear();

  uint64_t total() const { return total_; }
  int64_t minimum() const { return total_ == 0 ? 0 : minimum_; }
  int64_t maximum() const { return total_ == 0 ? 0 : maximum_; }
  double mean() const;                // 0 where empty; of the buckets' middles
  double standard_deviation() const;  // likewise

  // The value that at least `percent` of all do not exceed: the upper end of its bucket, never above the
  // maximum. 0 where empty; percent is 0 to 100.
  int64_t percentile(double percent) const;

  // Bucket by bucket, without empty ones at the end; and back. The error says what does not fit together.
  std::vector<uint64_t> counts() const;
  static tl::expected<Histogram, std::string> of_counts(const std::vector<uint64_t>& counts, int64_t minimum,
                                                        int64_t maximum);

  // HdrHistogram's percentile distribution (.hgrm), which its plotter and others read. Values are divided by
  // `unit_ps`: 1e6 for microseconds.
  void write_hgrm(std::ostream& out, double unit_ps) const;

  static constexpr size_t index_of(int64_t value) {
    const auto v = static_cast<uint64_t>(value);
    if (v < kSubBuckets) return v;
    const unsigned exponent = 63 - static_cast<unsigned>(__builtin_clzll(v));
    return (exponent - kSubBits + 1) * kSubBuckets + ((v >> (exponent - kSubBits)) & (kSubBuckets - 1));
  }
  static constexpr int64_t lowest_of(size_t index) {
    if (index < kSubBuckets) return static_cast<int64_t>(index);
    const size_t shift = index / kSubBuckets - 1;
    return static_cast<int64_t>((kSubBuckets + index % kSubBuckets) << shift);
  }
  static constexpr int64_t highest_of(size_t index) {
    return index + 1 < kBuckets ? lowest_of(index + 1) - 1 : INT64_MAX;
  }

 private:
  static constexpr unsigned kSubBits = 7;
  static constexpr size_t kSubBuckets = size_t{1} << kSubBits;
  static constexpr size_t kBuckets = (63 - kSubBits + 1) * kSubBuckets;  // every int64_t has one

  static double middle_of(size_t index);

  std::vector<uint64_t> counts_;
  uint64_t total_ = 0;
  int64_t minimum_ = INT64_MAX;
  int64_t maximum_ = 0;
};

}  // namespace railyard::lab
