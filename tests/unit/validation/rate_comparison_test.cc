// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/validation/rate_comparison.h"

#include <gmock/gmock.h>

#include "dpdk-app/validation/validation_output.h"
#include "tests/unit/validation/made_runs.h"

namespace railyard::validation {
namespace {

using testing::DoubleNear;
using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// A seed's rates swing by a hundredth of the line rate, against those of the seeds before and after it.
constexpr double kSwing = 0.01, kTiny = 1e-6;

class RatesOfRuns : public testing::Test {
 protected:
  static std::vector<PlayedRun> made(const Made& what, const std::vector<uint64_t>& seeds = {1, 2}) {
    std::vector<PlayedRun> runs;
    for (const uint64_t seed : seeds) runs.push_back({made_record(what, "dcqcn", seed), {}});
    return runs;
  }
  static Made with_rate(double rate, SimTime interval = SimTime::milliseconds(1)) {
    Made what;
    what.rate = rate;
    what.interval = interval;
    return what;
  }
  static RateComparison compared(const std::vector<PlayedRun>& sim, const std::vector<PlayedRun>& lab) {
    std::vector<const PlayedRun*> ours, theirs;
    for (const PlayedRun& run : sim) ours.push_back(&run);
    for (const PlayedRun& run : lab) theirs.push_back(&run);
    return compare_rates(ours, theirs);
  }
};

TEST_F(RatesOfRuns, ALabIsAsFarAsItsRatesAreAndSeedsAreAsFarAsTheySwing) {
  const RateComparison c = compared(made(with_rate(0.5)), made(with_rate(0.56)));
  ASSERT_EQ(c.impossible, "");
  EXPECT_EQ(c.queue_pairs, 4u);
  EXPECT_THAT(c.over_time.lab, Each(DoubleNear(0.06, kSwing / 2 + kTiny)));
  EXPECT_THAT(c.over_time.sim, ElementsAre(DoubleNear(kSwing, kTiny), DoubleNear(kSwing, kTiny)));
  EXPECT_THAT(c.by_queue_pair.lab, Each(DoubleNear(0.06, 1e-3)));  // the swing is gone in the mean over time
  EXPECT_THAT(c.by_queue_pair.sim, Each(DoubleNear(0, 1e-3)));
  EXPECT_THAT(c.seconds, SizeIs(39));  // messages are posted every millisecond from 0 to 39 ms
  EXPECT_NEAR(c.sim.front(), 0.505, kTiny);
  EXPECT_NEAR(c.sim_least.front(), 0.5, kTiny);
  EXPECT_NEAR(c.sim_most.front(), 0.51, kTiny);
  EXPECT_NEAR(c.lab.front(), 0.565, kTiny);
}

TEST_F(RatesOfRuns, TheSameAreNoDistanceApart) {
  const RateComparison c = compared(made({}, {1, 3}), made({}, {1}));
  EXPECT_THAT(c.over_time.lab, ElementsAre(DoubleNear(0, kTiny)));
  EXPECT_THAT(c.by_queue_pair.lab, ElementsAre(DoubleNear(0, kTiny)));
}

TEST_F(RatesOfRuns, ASingleSeedHasNothingToDifferFrom) {
  const RateComparison c = compared(made({}, {1}), made({}, {1}));
  EXPECT_THAT(c.over_time.sim, IsEmpty());
  EXPECT_THAT(c.over_time.lab, SizeIs(1));
}

TEST_F(RatesOfRuns, WhatIsAllowedToQueuePairsThatDoNotSendDoesNotCount) {
  std::vector<PlayedRun> lab = made({});
  for (record::RateSamples& samples : lab[0].record.rates)
    samples.rate_bps[39] = 1;                                         // after the last message
  lab[1].record.messages.erase(lab[1].record.messages.begin() + 20);  // sender 1, at 20 ms
  lab[1].record.rates[0].rate_bps[19] = 1;
  const RateComparison as_it_was = compared(made({}), made({})), c = compared(made({}), lab);
  EXPECT_EQ(c.over_time.lab, as_it_was.over_time.lab);
  EXPECT_THAT(c.by_queue_pair.lab, Each(DoubleNear(0, 1e-3)));
}

TEST_F(RatesOfRuns, ASeriesThatWasMadeCoarserIsComparedWhereItHasSamples) {
  const RateComparison c = compared(made({}), made(with_rate(0.5, SimTime::milliseconds(2))));
  ASSERT_EQ(c.impossible, "");
  EXPECT_EQ(c.interval, SimTime::milliseconds(2));
  EXPECT_THAT(c.seconds, SizeIs(19));
  EXPECT_NEAR(c.seconds.front(), 0.002, 1e-12);
  EXPECT_THAT(c.over_time.lab, Each(DoubleNear(kSwing / 2, kTiny)));
}

TEST_F(RatesOfRuns, WhereNobodyWasHeldBackThereIsNothingToDraw) {
  EXPECT_TRUE(compared(made({}), made({})).restrained);
  std::vector<PlayedRun> free = made({});
  for (PlayedRun& run : free)
    for (record::RateSamples& samples : run.record.rates)
      for (uint64_t& bps : samples.rate_bps) bps = run.record.ports[0].rate.bps;
  const RateComparison c = compared(free, free);
  EXPECT_FALSE(c.restrained);
  EXPECT_EQ(in_words(c),
            "Congestion control allowed all of 4 queue pairs the line rate throughout, in both.");
}

TEST_F(RatesOfRuns, WhatCannotBeComparedIsSaid) {
  EXPECT_EQ(compared(made({}), made(with_rate(0))).impossible,
            "no queue pair was sampled in all runs of both");
  EXPECT_EQ(compared(made({}), made(with_rate(0.5, SimTime::microseconds(1500)))).impossible,
            "samples every 1ms and every 1500us are not of the same instants");
  std::vector<PlayedRun> idle = made({});
  idle[0].record.messages.clear();
  EXPECT_EQ(compared(made({}), idle).impossible,
            "no queue pair sends at one of the samples, every 1ms, in all runs of both");
}

}  // namespace
}  // namespace railyard::validation
