// SPDX-License-Identifier: GPL-2.0-only
// The same input gives the same bytes, whichever engine runs it and on however many threads.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/determinism/determinism_scenarios.h"

namespace railyard {
namespace {

void expect_same(const record::Record& record, const record::Record& expected, const std::string& what) {
  EXPECT_TRUE(bytes_of(record) == bytes_of(expected))
      << what << " and the reference engine differ first in " << first_difference(record, expected);
}

void expect_incidents(const record::Record& record) {
  const Incidents incidents = incidents_of(record);
  EXPECT_GT(incidents.marks, 0U);
  EXPECT_GT(incidents.pauses, 0U);
  EXPECT_GT(incidents.drops, 0U);
  EXPECT_GT(incidents.retransmitted, 0U);
}

// Queue pairs whose rate was below their NIC's at some sample.
size_t held_back(const record::Record& record) {
  return static_cast<size_t>(
      std::count_if(record.rates.begin(), record.rates.end(), [&](const record::RateSamples& rates) {
        return std::any_of(rates.rate_bps.begin(), rates.rate_bps.end(),
                           [&](uint64_t bps) { return bps < record.ports[rates.port].rate.bps; });
      }));
}

using Parameter = std::tuple<DeterminismScenario, uint64_t>;

class Determinism : public testing::TestWithParam<Parameter> {};

TEST_P(Determinism, EveryEngineAndNumberOfThreadsGivesTheSameBytes) {
  const auto& [scenario, seed] = GetParam();
  const RunInput input = scenario.build(seed);
  const record::Record expected = simulate_with(input, kReferenceEngine);
  expect_incidents(expected);
  for (const uint32_t threads : {1U, 2U, 3U, 4U, 8U})
    expect_same(simulate_with(input, threads), expected, std::to_string(threads) + " threads");
}

TEST_P(Determinism, SamplingOfRatesChangesNothingElse) {
  const auto& [scenario, seed] = GetParam();
  RunInput input = scenario.build(seed);
  input.sample_interval = SimTime::microseconds(1);
  for (const uint32_t threads : {kReferenceEngine, 1U, 2U, 3U, 4U, 8U}) {
    input.sampled_queue_pairs = ~uint32_t{0};
    record::Record sampled = simulate_with(input, threads);
    input.sampled_queue_pairs = 0;
    const record::Record unsampled = simulate_with(input, threads);
    EXPECT_GT(held_back(sampled), 0U);
    EXPECT_TRUE(unsampled.rates.empty());
    sampled.rates.clear();
    EXPECT_TRUE(bytes_of(sampled) == bytes_of(unsampled))
        << threads << " threads: sampled or not, they differ first in "
        << first_difference(sampled, unsampled);
  }
}

INSTANTIATE_TEST_SUITE_P(Scenarios, Determinism,
                         testing::Combine(testing::ValuesIn(determinism_scenarios()),
                                          testing::Values(1, 2, 3)),
                         [](const testing::TestParamInfo<Parameter>& info) {
                           return std::get<0>(info.param).name + "Seed" +
                                  std::to_string(std::get<1>(info.param));
                         });

TEST(DeterminismOfLongRuns, DividingTheNodesAnewAndFallingBackChangeNothing) {
  const RunInput input = long_scenario(1);
  const record::Record expected = simulate_with(input, kReferenceEngine);
  expect_incidents(expected);
  EXPECT_GT(expected.duration.ps, kLongScenarioLookahead.ps * 1024);
  expect_same(simulate_with(input, 2), expected, "2 threads");
  expect_same(simulate_with(input, 3), expected, "3 threads");
  constexpr bool kMayFallBack = true;  // which it does at once where eight threads share a few cores
  expect_same(simulate_with(input, 8, kMayFallBack), expected, "8 threads that may fall back");
}

// The comparison must be able to fail.
TEST(DeterminismOfNothing, AnotherSeedGivesOtherBytes) {
  const DeterminismScenario& scenario = determinism_scenarios().front();
  const record::Record one = simulate_with(scenario.build(1), 1);
  record::Record other = simulate_with(scenario.build(2), 1);
  other.seed = one.seed;
  EXPECT_NE(bytes_of(one), bytes_of(other));
}

}  // namespace
}  // namespace railyard
