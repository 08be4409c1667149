// SPDX-License-Identifier: GPL-2.0-only
// `railyard bench pairs`: two builds in turn, pair after pair. What else the machine does falls on both
// halves of a pair, so that their ratio stands where the times themselves drift.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <tl/expected.hpp>

namespace railyard::bench {

// One half of every pair.
struct PairSide {
  std::string binary;  // a `railyard`, of this build or another
  std::string engine_case;
  uint32_t threads = 1;
};

// One run of one side.
struct PairFigure {
  double ns_per_hop = 0;
  uint64_t packet_hops = 0;
  std::string notice;
};

struct PairedRuns {
  std::vector<PairFigure> before, after;  // by pair
};

using PairMeasure = std::function<tl::expected<PairFigure, std::string>(const PairSide&)>;

// Runs `railyard bench engine` of the side's binary once. The error says how that ended.
tl::expected<PairFigure, std::string> measure_side(const PairSide& side);

// Each side goes first in every other pair. `about_to_run` is told the pair's number, from 1.
tl::expected<PairedRuns, std::string> run_pairs(const PairSide& before, const PairSide& after, uint32_t pairs,
                                                const PairMeasure& measure,
                                                const std::function<void(uint32_t)>& about_to_run);

// The median, and between which of the values it lies with a confidence of at least 95 %, by the sign test;
// with fewer than six values their whole range, which has less.
struct MedianInterval {
  double median = 0, low = 0, high = 0;
};
MedianInterval median_interval(std::vector<double> values);

// Some lines for people: each side's median, the ratio after / before with its interval, and what the engine
// had to say.
std::string pairs_text(const PairSide& before, const PairSide& after, const PairedRuns& runs);

}  // namespace railyard::bench
