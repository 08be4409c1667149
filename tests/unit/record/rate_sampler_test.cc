// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/record/rate_sampler.h"

#include <gmock/gmock.h>

namespace railyard::record {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr SimTime kStart = SimTime::milliseconds(7), kInterval = SimTime::microseconds(10);

// What is allowed tells the time since the start: the rate in bits a second, the window in bytes.
Allowance clock(uint32_t queue_pair, SimTime at) {
  const auto us = static_cast<uint64_t>((at - kStart).to_microseconds());
  return {static_cast<double>(us) + 0.4, queue_pair == 0 ? kNoWindow : us, SimTime::never()};
}

TEST(RateSampler, SpreadsWhatItSamplesOverAllQueuePairs) {
  EXPECT_THAT(sampled_queue_pairs(128, 4), ElementsAre(0, 32, 64, 96));
  EXPECT_THAT(sampled_queue_pairs(7, 4), ElementsAre(0, 1, 3, 5));
  EXPECT_THAT(sampled_queue_pairs(3, 8), ElementsAre(0, 1, 2));
  EXPECT_THAT(sampled_queue_pairs(0, 8), IsEmpty());
  EXPECT_THAT(sampled_queue_pairs(8, 0), IsEmpty());
  EXPECT_EQ(sampled_queue_pairs(~uint32_t{0}, 2).back(), ~uint32_t{0} / 2);
}

TEST(RateSampler, SamplesAtMultiplesOfTheIntervalAfterTheStart) {
  RateSampler sampler({0, 5}, kInterval, kStart);
  EXPECT_EQ(sampler.next(), kStart + kInterval);
  for (int i = 0; i < 3; ++i) sampler.sample(clock);
  EXPECT_EQ(sampler.next(), kStart + kInterval * 4);
  ASSERT_EQ(sampler.samples().size(), 2u);
  EXPECT_EQ(sampler.samples()[1].queue_pair, 5u);
  EXPECT_EQ(sampler.samples()[1].interval, kInterval);
  EXPECT_THAT(sampler.samples()[1].rate_bps, ElementsAre(10, 20, 30));
  EXPECT_THAT(sampler.samples()[0].window_bytes, ElementsAre(kNoWindow, kNoWindow, kNoWindow));
  EXPECT_THAT(sampler.samples()[1].window_bytes, ElementsAre(10, 20, 30));
}

// Every sample keeps its instant, so that a long series can be held against a short one.
TEST(RateSampler, ALongRunIsSampledMoreCoarsely) {
  RateSampler sampler({3}, kInterval, kStart);
  for (size_t i = 0; i < 2 * RateSampler::kMostSamples - 100; ++i) sampler.sample(clock);
  const RateSamples& samples = sampler.samples().front();
  EXPECT_EQ(samples.interval, kInterval * 4);
  ASSERT_LT(samples.rate_bps.size(), RateSampler::kMostSamples);
  ASSERT_GE(samples.rate_bps.size(), RateSampler::kMostSamples / 2);
  for (size_t i = 0; i < samples.rate_bps.size(); ++i) {
    EXPECT_EQ(samples.rate_bps[i], 40 * (i + 1));
    EXPECT_EQ(samples.window_bytes[i], 40 * (i + 1));
  }
  EXPECT_EQ(sampler.next(), kStart + samples.interval * static_cast<int64_t>(samples.rate_bps.size() + 1));
}

TEST(RateSampler, NothingToSampleIsNeverDue) {
  EXPECT_EQ(RateSampler().next(), SimTime::never());
  EXPECT_EQ(RateSampler({}, kInterval, kStart).next(), SimTime::never());
  EXPECT_EQ(RateSampler({1}, SimTime{0}, kStart).next(), SimTime::never());
}

}  // namespace
}  // namespace railyard::record
