// SPDX-License-Identifier: BSD-3-Clause
// One rule by which every player samples what congestion control allows, so that records of several players
// can be held against each other: the same queue pairs at the same instants of the run. Between two events
// an allowance is constant, or changes by timers that can be reckoned: it is looked up then, never reported,
// and no packet costs more for it.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "traffic/record/record.h"
#include "traffic/units/quantity.h"

namespace railyard::record {

// Of `count` queue pairs, numbered from 0, those that are sampled: at most so many, evenly spread. Ascending.
std::vector<uint32_t> sampled_queue_pairs(uint32_t count, uint32_t at_most);

class RateSampler {
 public:
  // A long run is sampled more coarsely: of so many samples every other goes, and the interval doubles.
  static constexpr size_t kMostSamples = 2048;

  RateSampler() = default;  // samples nothing, as does an interval of 0
  // Times of samples() count from `start`, the run's in the player's time.
  RateSampler(const std::vector<uint32_t>& queue_pairs, SimTime interval, SimTime start);

  // When the next sample is due, in the player's time; never() where there is none.
  SimTime next() const { return next_; }

  // Takes it: allowed(queue pair, time) is its Allowance.
  template <class Allowed>
  void sample(Allowed allowed) {
    for (RateSamples& series : samples_) {
      const Allowance allowance = allowed(series.queue_pair, next_);
      series.rate_bps.push_back(static_cast<uint64_t>(std::llround(allowance.rate_bps)));
      series.window_bytes.push_back(allowance.window_bytes);
    }
    move_on();
  }

  // In order of queue pair, of which they name nothing but the number.
  const std::vector<RateSamples>& samples() const { return samples_; }

 private:
  void move_on();

  SimTime next_ = SimTime::never();
  std::vector<RateSamples> samples_;
};

}  // namespace railyard::record
