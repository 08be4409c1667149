// SPDX-License-Identifier: BSD-3-Clause
// What makes the ranks of a job unequal: slow ones, computations that vary, ranks that start late. Of any
// job, captured or generated.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "traffic/parameter/parameter.h"
#include "traffic/pattern/trace/rank_source.h"
#include "traffic/units/quantity.h"

namespace railyard {

enum class JitterKind : uint8_t { None, Normal, Lognormal, Exponential };

struct StragglerSettings {
  std::string slow_ranks = "none";       // "5:1.5x,8-15:2x"
  JitterKind jitter = JitterKind::None;  // of each computation's time, by a factor with mean 1
  double jitter_spread = 0.1;            // the factor's standard deviation
  SimTime start_skew = {0};              // ranks start up to this late, each time equally likely
};

const std::vector<Parameter<StragglerSettings>>& parameters_of(const StragglerSettings*);

// Whether anything is drawn.
bool depends_on_seed(const StragglerSettings& settings);

// The source with other times of computations and other starts of ranks; waits stay as they are. Draws come
// from the run's seed, by the job's name. The error is one sentence: slow_ranks that cannot be read, or names
// a rank that there is not.
tl::expected<std::shared_ptr<const trace::RankSource>, std::string> with_stragglers(
    std::shared_ptr<const trace::RankSource> source, const StragglerSettings& settings, uint64_t seed,
    std::string_view job);

}  // namespace railyard
