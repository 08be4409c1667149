// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/record/metrics.h"

#include <gtest/gtest.h>

#include "tests/unit/record/record_builder.h"

namespace railyard::record {
namespace {

double metric(const Summary& s, const std::string& name) {
  return s.metrics.at(name).value;
}

TEST(BusFactor, IsNcclTestsOne) {
  EXPECT_DOUBLE_EQ(bus_factor("all_reduce", 8), 1.75);
  EXPECT_DOUBLE_EQ(bus_factor("all_gather", 4), 0.75);
  EXPECT_DOUBLE_EQ(bus_factor("reduce_scatter", 4), 0.75);
  EXPECT_DOUBLE_EQ(bus_factor("all_to_all", 4), 0.75);
  EXPECT_DOUBLE_EQ(bus_factor("broadcast", 4), 1);
  EXPECT_DOUBLE_EQ(bus_factor("send", 2), 1);
}

// The check value of the IETF's AI-fabric terminology draft: 8 ranks, 1 GB in 10 ms are 175 GB/s.
TEST(Summarise, BusBandwidthMatchesTheDraftsCheckValue) {
  Record r;
  r.jobs = {{"job", false, 8, 1}};
  r.operations = {{0, "all_reduce", "all_reduce", 1'000'000'000, 8}};
  for (uint32_t rank = 0; rank < 8; ++rank) r.spans.push_back({0, 0, rank, us(0), us(10'000)});
  EXPECT_NEAR(metric(summarise(r), "busbw.all_reduce"), 175e9 * 8, 1);
}

TEST(Summarise, IterationLastsFromFirstStartToLastEnd) {
  const Summary s = summarise(small_record());
  EXPECT_EQ(s.jobs[0].iterations, 2u);
  EXPECT_DOUBLE_EQ(s.jobs[0].iteration_p50, 100e-6);
  EXPECT_DOUBLE_EQ(s.jobs[0].iteration_max, 140e-6);
  EXPECT_DOUBLE_EQ(metric(s, "iteration.time"), 100e-6);
  EXPECT_DOUBLE_EQ(metric(s, "iteration.max"), 140e-6);
  EXPECT_EQ(s.metrics.count("iteration.time.train"), 0u);
}

TEST(Summarise, AnIterationThatARankDidNotCompleteDoesNotCount) {
  Record r = small_record();
  r.iterations.back().end = SimTime::never();  // rank 3, iteration 1
  const Summary s = summarise(r);
  EXPECT_EQ(s.jobs[0].iterations, 1u);
  EXPECT_DOUBLE_EQ(metric(s, "iteration.max"), 100e-6);
}

TEST(Summarise, SeveralForegroundJobsAreToldApartAndTheSlowestCounts) {
  Record r = small_record();
  r.jobs[1].background = false;
  r.iterations.push_back({1, 0, 0, us(0), us(300)});
  r.iterations.push_back({1, 0, 1, us(0), us(310)});
  const Summary s = summarise(r);
  EXPECT_DOUBLE_EQ(metric(s, "iteration.time.train"), 100e-6);
  EXPECT_DOUBLE_EQ(metric(s, "iteration.time.noise"), 310e-6);
  EXPECT_DOUBLE_EQ(metric(s, "iteration.time"), 310e-6);
}

TEST(Summarise, BusBandwidthExcludesWaitingForALateRank) {
  const Summary s = summarise(small_record());
  ASSERT_EQ(s.collectives.size(), 1u);
  const CollectiveSummary& c = s.collectives[0];
  EXPECT_EQ(c.executions, 2u);
  EXPECT_NEAR(c.time, 50e-6, 1e-15);                   // (60 - 20) and (170 - 110)
  EXPECT_NEAR(c.time_from_first_start, 55e-6, 1e-15);  // (60 - 10) and (170 - 110)
  EXPECT_NEAR(c.busbw, 1.5 * 8e6 / 50e-6, 1);
  EXPECT_NEAR(c.busbw_from_first_start, 1.5 * 8e6 / 55e-6, 1);
  EXPECT_NEAR(metric(s, "busbw.gradients"), 240e9, 1);
  EXPECT_EQ(s.metrics.count("busbw.send"), 0u);  // the background's
}

// By the names of an inference job's operations; a background job's do not count.
TEST(Summarise, ServingSaysWhatTheNetworkAddsToATokensLatency) {
  Record r;
  r.jobs = {{"serve", false, 4, 1}, {"noise", true, 2, 1}};
  r.operations = {{0, "ttft", "send", 1'000, 2},
                  {0, "kv transfer", "send", 1'000, 2},
                  {0, "inter-token step", "all_reduce", 8, 2},
                  {0, "inter-token all-reduce", "all_reduce", 8, 2},
                  {0, "inter-token step", "all_reduce", 8, 2},
                  {1, "ttft", "send", 1'000, 2}};
  r.messages = {{0, 0, 0, 2, 1'000, us(5), us(25), us(26), us(20)},
                {1, 0, 0, 2, 1'000, us(0), us(90), us(91), us(20)},
                {5, 0, 0, 1, 1'000, us(0), us(500), us(501), us(20)}};
  for (uint32_t rank = 2; rank < 4; ++rank) {
    r.spans.push_back({2, 0, rank, us(rank), us(13)});  // 10 us after the last came
    r.spans.push_back({3, 0, rank, us(20), us(50)});    // 30 us
    r.spans.push_back({4, 0, rank, us(100), us(102)});  // 2 us, of a second step
  }
  const Summary s = summarise(r);
  EXPECT_DOUBLE_EQ(metric(s, "ttft.network.p50"), 20e-6);
  EXPECT_DOUBLE_EQ(metric(s, "ttft.network.p99"), 20e-6);
  EXPECT_NEAR(metric(s, "inter_token.network"), (10e-6 + 30e-6 + 2e-6) / 2, 1e-15);
  EXPECT_EQ(summarise(small_record()).metrics.count("ttft.network.p50"), 0u);
}

TEST(Summarise, AReceiverThatComesLateDoesNotShortenABroadcast) {
  Record r;
  r.jobs = {{"job", false, 2, 1}};
  r.operations = {{0, "broadcast", "broadcast", 1'000'000, 2}};
  r.spans = {{0, 0, 0, us(10), us(90)}, {0, 0, 1, us(200), us(201)}};
  r.messages = {{0, 0, 0, 1, 500'000, us(10), us(50), us(51), us(40)},
                {0, 0, 0, 1, 500'000, us(15), us(90), us(91), us(40)}};
  const Summary s = summarise(r);
  EXPECT_NEAR(s.collectives[0].time, 80e-6, 1e-15);
  EXPECT_NEAR(s.collectives[0].time_from_first_start, 191e-6, 1e-15);
  EXPECT_NEAR(metric(s, "busbw.broadcast"), 8e6 / 80e-6, 1);
}

TEST(Summarise, OperationsOfOneNameAreWeightedByTime) {
  Record r = small_record();
  r.operations.push_back({0, "gradients", "all_reduce", 2'000'000, 4});
  for (uint32_t rank = 0; rank < 4; ++rank) r.spans.push_back({2, 0, rank, us(60), us(85)});
  // 1.5 x (2 x 8 Mbit in 100 us + 16 Mbit in 25 us)
  EXPECT_NEAR(metric(summarise(r), "busbw.gradients"), 1.5 * 32e6 / 125e-6, 1);
}

TEST(Summarise, AnExecutionThatLacksARankDoesNotCount) {
  Record r = small_record();
  r.spans.pop_back();
  EXPECT_EQ(summarise(r).collectives[0].executions, 1u);
}

TEST(Summarise, FlowsAreForegroundMessagesThatCrossedTheFabric) {
  const Summary s = summarise(small_record());
  EXPECT_EQ(s.foreground.finished, 4u);
  EXPECT_EQ(s.foreground.unfinished, 1u);
  EXPECT_DOUBLE_EQ(metric(s, "fct.p50"), 20e-6);
  EXPECT_DOUBLE_EQ(metric(s, "fct.p99"), 40e-6);
  EXPECT_DOUBLE_EQ(metric(s, "fct.max"), 40e-6);
  EXPECT_DOUBLE_EQ(metric(s, "slowdown.p50"), 2);
  EXPECT_DOUBLE_EQ(metric(s, "slowdown.max"), 4);
  EXPECT_EQ(metric(s, "flows.unfinished"), 1);
  // Shares 1, 1/2, 1/3, 1/4: (25/12)^2 / (4 x 205/144)
  EXPECT_NEAR(metric(s, "fairness.jain"), 625.0 / 820.0, 1e-12);
  EXPECT_EQ(s.background.finished, 1u);
  EXPECT_DOUBLE_EQ(metric(s, "background.slowdown.p99"), 3);
}

TEST(Summarise, CountersAreSummedOverPorts) {
  const Summary s = summarise(small_record());
  EXPECT_EQ(metric(s, "pfc.pauses"), 5);
  EXPECT_DOUBLE_EQ(metric(s, "pfc.paused_time"), 12e-6);
  EXPECT_EQ(s.metrics.at("pfc.paused_time").unit, Unit::Time);
  EXPECT_EQ(metric(s, "ecn_marks"), 30);
  EXPECT_EQ(metric(s, "drops"), 7);
  EXPECT_EQ(metric(s, "drops.headroom_full"), 1);
  EXPECT_EQ(metric(s, "drops.no_route"), 4);
  EXPECT_EQ(metric(s, "cnps"), 25);
  EXPECT_EQ(metric(s, "retransmitted"), 11);
  EXPECT_EQ(metric(s, "queue.max"), 70'000);
  EXPECT_EQ(metric(s, "packet_hops"), 12'000);
}

TEST(Summarise, ARunWithoutTrafficHasCountersOnly) {
  const Summary s = summarise(Record{});
  EXPECT_EQ(metric(s, "drops"), 0);
  EXPECT_EQ(s.metrics.count("fct.p99"), 0u);
  EXPECT_EQ(s.metrics.count("iteration.time"), 0u);
}

TEST(MetricCatalogue, KnowsWholeNamesAndFamilies) {
  EXPECT_EQ(find_metric("fct.p99")->unit, Unit::Time);
  EXPECT_EQ(find_metric("busbw.all_reduce")->unit, Unit::Rate);
  EXPECT_EQ(find_metric("busbw.all_reduce")->label, "busbw of all_reduce");
  EXPECT_FALSE(find_metric("busbw."));
  EXPECT_FALSE(find_metric("fct.p98"));
}

TEST(MetricCatalogue, NamesEveryMetricThatARunHas) {
  for (const auto& [name, value] : summarise(small_record()).metrics) {
    ASSERT_TRUE(find_metric(name)) << name;
    EXPECT_EQ(find_metric(name)->unit, value.unit) << name;
  }
}

}  // namespace
}  // namespace railyard::record
