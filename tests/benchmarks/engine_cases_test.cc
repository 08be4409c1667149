// SPDX-License-Identifier: GPL-2.0-only
#include "tools/bench/engine_cases.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "tools/bench/case_traffic.h"
#include "traffic/fabric/fabric_builder.h"

namespace railyard::bench {
namespace {

// Data packet-hops at a thousandth of each case's size, where the peers count those of the whole.
struct PeerFigure {
  const char* name;
  uint64_t data_hops;
};

class PeerCases : public testing::TestWithParam<PeerFigure> {};

TEST_P(PeerCases, CrossAsManyLinksAsThePeersCount) {
  const EngineCase* engine_case = find_engine_case(GetParam().name);
  ASSERT_NE(engine_case, nullptr);
  const auto record = ns3::Simulate(input_of(*engine_case, {engine_case->bytes.n / 1000}), {});
  ASSERT_TRUE(record.has_value()) << record.error();
  EXPECT_EQ(record->totals.data_hops, GetParam().data_hops);
  EXPECT_EQ(record->totals.retransmitted, 0U);
}

INSTANTIATE_TEST_SUITE_P(Cases, PeerCases,
                         testing::Values(PeerFigure{"W1", 7'680}, PeerFigure{"W2-16", 96},
                                         PeerFigure{"W2-64", 384}, PeerFigure{"W2-64x10", 3'840},
                                         PeerFigure{"W3", 3'360}, PeerFigure{"K16", 6'144},
                                         PeerFigure{"cable-3m", 7'680}),
                         [](const auto& info) {
                           std::string name = info.param.name;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(EngineCases, HaveDistinctNames) {
  std::set<std::string_view> names;
  for (const EngineCase& engine_case : engine_cases())
    EXPECT_TRUE(names.insert(engine_case.name).second) << engine_case.name;
  EXPECT_EQ(find_engine_case("W4"), nullptr);
}

TEST(EngineCases, AllHaveAFabricAndAPlaceForEveryRank) {
  for (const EngineCase& engine_case : engine_cases()) {
    const RunInput input = input_of(engine_case, {10'000});
    const auto plan = build_fabric(input.fabric);
    ASSERT_TRUE(plan.has_value()) << engine_case.name << ": " << plan.error();
    for (const JobInput& job : input.jobs) {
      EXPECT_EQ(job.placement.size(), job.source->header().rank_count()) << engine_case.name;
      for (const schedule::RankLocation& location : job.placement)
        EXPECT_LT(location.host, plan->host_count) << engine_case.name;
    }
  }
}

TEST(EngineCases, W2SendersAreThePeers) {
  const RunInput input = input_of(*find_engine_case("W2-64"));
  const auto& placement = input.jobs.front().placement;
  ASSERT_EQ(placement.size(), 65U);
  EXPECT_EQ(placement[0].host, 0U);
  for (uint32_t j = 0; j < 64; ++j) EXPECT_EQ(placement[1 + j].host, 16 + 7 * j / 4);
}

TEST(CrossPodPermutation, LeavesNobodyInItsPodAndReachesEverybody) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    const std::vector<uint32_t> destination = cross_pod_permutation(128, 16, seed);
    for (uint32_t host = 0; host < 128; ++host) EXPECT_NE(destination[host] / 16, host / 16);
    std::vector<uint32_t> sorted = destination;
    std::sort(sorted.begin(), sorted.end());
    std::vector<uint32_t> all(128);
    std::iota(all.begin(), all.end(), 0U);
    EXPECT_EQ(sorted, all);
  }
  EXPECT_NE(cross_pod_permutation(128, 16, 1), cross_pod_permutation(128, 16, 2));
}

TEST(SparseTrace, OffersTheLoadItIsNamedAfter) {
  const RunInput input = input_of(*find_engine_case("load-0.1%"));
  double gaps_ns = 0;
  uint32_t messages = 0;
  trace::Rank scratch;
  for (const trace::Operation& operation : input.jobs.front().source->rank(5, scratch).operations()) {
    gaps_ns += operation.has_compute() ? static_cast<double>(operation.compute().duration_ns()) : 0;
    messages += operation.has_send() ? 1 : 0;
  }
  EXPECT_EQ(messages, 100U);
  // Ten packets of 1000 B with headers, preamble and gap last 10 * 1082 * 80 ps.
  EXPECT_NEAR(messages * 10 * 1082 * 0.08 / gaps_ns, 0.001, 0.0001);
}

TEST(ManyQueuePairs, AreOneEachOnAsManyChannels) {
  const trace::Trace trace = many_queue_pairs_trace(4, 7, Direction::FromHost0, {1000});
  std::set<std::pair<uint32_t, uint32_t>> channels;
  for (const trace::Operation& operation : trace.ranks(0).operations())
    channels.insert({operation.send().peer(), operation.send().tag()});
  EXPECT_EQ(channels.size(), 7U);
}

}  // namespace
}  // namespace railyard::bench
