// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/record/rate_sampler.h"

#include <algorithm>

namespace railyard::record {
namespace {

// Those that are left lie on the doubled interval's instants.
void drop_every_other(std::vector<uint64_t>& samples) {
  for (size_t i = 0; i < samples.size() / 2; ++i) samples[i] = samples[2 * i + 1];
  samples.resize(samples.size() / 2);
}

}  // namespace

std::vector<uint32_t> sampled_queue_pairs(uint32_t count, uint32_t at_most) {
  const uint32_t sampled = std::min(count, at_most);
  std::vector<uint32_t> queue_pairs;
  for (uint64_t i = 0; i < sampled; ++i) queue_pairs.push_back(static_cast<uint32_t>(i * count / sampled));
  return queue_pairs;
}

RateSampler::RateSampler(const std::vector<uint32_t>& queue_pairs, SimTime interval, SimTime start) {
  if (interval.ps <= 0 || queue_pairs.empty()) return;
  for (const uint32_t queue_pair : queue_pairs) {
    samples_.emplace_back().queue_pair = queue_pair;
    samples_.back().interval = interval;
  }
  next_ = start + interval;
}

void RateSampler::move_on() {
  if (samples_.front().rate_bps.size() == kMostSamples) {
    for (RateSamples& series : samples_) {
      drop_every_other(series.rate_bps);
      drop_every_other(series.window_bytes);
      series.interval = series.interval * 2;
    }
  }
  next_ += samples_.front().interval;
}

}  // namespace railyard::record
