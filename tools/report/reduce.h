// SPDX-License-Identifier: BSD-3-Clause
// Long lists of samples as the few hundred points that a chart can show.
#pragma once

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "traffic/record/record.h"

namespace railyard::report {

// At most `points` values among the samples at which distribution functions are worth drawing: evenly spaced
// in rank, a fifth of them within the last percent. Ascending, without repetitions; from the least to the
// greatest sample.
std::vector<double> cdf_grid(std::vector<double> samples, size_t points);

// The fraction of the samples that is at or below each value of the grid.
std::vector<double> cdf_at(const std::vector<double>& grid, std::vector<double> samples);

// The peak of the samples within each of `buckets` equal parts of [0, span]: a queue's short peaks must not
// vanish. Empty where no sample falls.
std::vector<std::optional<uint32_t>> peaks(const record::QueueSamples& samples, SimTime span, size_t buckets);

// The mean of the samples within each of those parts; sample i lies at (i + 1) * interval. Without those that
// are kNoWindow; empty where none is left.
std::vector<std::optional<double>> means(const std::vector<uint64_t>& samples, SimTime interval, SimTime span,
                                         size_t buckets);

using Interval = std::pair<SimTime, SimTime>;
// The intervals' union, ascending; then the gaps below `least_gap` are closed.
std::vector<Interval> merged(std::vector<Interval> intervals, SimTime least_gap);

}  // namespace railyard::report
