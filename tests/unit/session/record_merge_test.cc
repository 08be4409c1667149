// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/session/record_merge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "traffic/pattern/schedule/run_log.h"
#include "traffic/pattern/workload/incast.h"
#include "traffic/record/record_file.h"

namespace railyard::lab {
namespace {

using control::Measurements;
using control::MessageHalf;
using testing::HasSubstr;

// Ranks 1 and 2 send to rank 0, each on a host of its own: channel 0 is that of rank 1.
CompiledRun incast() {
  RunInput input;
  input.fabric.kind = FabricKind::SingleSwitch;
  input.fabric.hosts_per_leaf = 3;
  IncastSettings settings;
  settings.senders = 2;
  JobInput job;
  job.name = "incast";
  job.source = trace::HeldTrace::of(make_incast(settings).value()).value();
  job.placement = {{0, 0}, {1, 0}, {2, 0}};
  input.jobs.push_back(job);
  return compile_run(input).value();
}

MessageHalf& add_sent(Measurements& m, uint32_t channel, uint32_t ordinal, int64_t posted, int64_t acked) {
  MessageHalf& half = *m.add_messages();
  half.set_channel(channel);
  half.set_ordinal(ordinal);
  half.set_sent(true);
  half.set_bytes(1000);
  half.set_posted_ps(posted);
  half.set_acked_ps(acked);
  return half;
}

MessageHalf& add_received(Measurements& m, uint32_t channel, uint32_t ordinal, int64_t received) {
  MessageHalf& half = *m.add_messages();
  half.set_channel(channel);
  half.set_ordinal(ordinal);
  half.set_received_ps(received);
  return half;
}

TEST(RecordMerge, HalvesMeetByJobChannelAndOrdinal) {
  Measurements left, right;
  add_received(left, 1, 1, 900);
  add_received(left, 1, 0, 500);
  add_received(left, 0, 0, 700);
  add_sent(right, 0, 0, 10, 710);
  add_sent(right, 1, 0, 20, 510);
  add_sent(right, 1, 1, 30, SimTime::never().ps);
  const auto merged = merge(incast(), {{"left", &left}, {"right", &right}});
  ASSERT_TRUE(merged) << merged.error();
  const auto& messages = merged->record.messages;
  ASSERT_EQ(messages.size(), 3u);
  EXPECT_EQ(messages[0].src_rank, 1u);
  EXPECT_EQ(messages[0].received.ps, 700);
  EXPECT_EQ(messages[1].src_rank, 2u);
  EXPECT_EQ(messages[1].posted.ps, 20);
  EXPECT_EQ(messages[1].received.ps, 500);
  EXPECT_EQ(messages[2].received.ps, 900);
  EXPECT_EQ(messages[2].acked, SimTime::never());
  EXPECT_EQ(merged->gaps.not_received + merged->gaps.never_sent + merged->gaps.twice, 0u);
}

TEST(RecordMerge, WhatLacksAHalfIsReportedAndNothingMadeUp) {
  Measurements m;
  add_sent(m, 0, 0, 10, SimTime::never().ps);
  add_received(m, 1, 0, 500);
  const auto merged = merge(incast(), {{"left", &m}}).value();
  ASSERT_EQ(merged.record.messages.size(), 1u);
  EXPECT_EQ(merged.record.messages[0].received, SimTime::never());
  EXPECT_EQ(merged.gaps.not_received, 1u);
  EXPECT_EQ(merged.gaps.never_sent, 1u);
}

TEST(RecordMerge, AHalfThatTwoReportCountsOnce) {
  Measurements left, right;
  add_sent(left, 0, 0, 10, 90);
  add_sent(right, 0, 0, 11, 91);
  add_received(left, 0, 0, 50);
  add_received(right, 0, 0, 51);
  const auto merged = merge(incast(), {{"left", &left}, {"right", &right}}).value();
  ASSERT_EQ(merged.record.messages.size(), 1u);
  EXPECT_EQ(merged.record.messages[0].posted.ps, 10);
  EXPECT_EQ(merged.record.messages[0].received.ps, 50);
  EXPECT_EQ(merged.gaps.twice, 2u);
}

TEST(RecordMerge, ClocksThatDifferAreToldAndDriftIsTakenOut) {
  Measurements left, right;
  const int64_t second = SimTime::seconds(1).ps;
  add_sent(left, 0, 0, second, 2 * second);
  add_received(right, 0, 0, second + second / 10'000);  // its clock runs 100 ppm fast
  add_sent(left, 1, 0, second, 2 * second);
  add_received(right, 1, 0, second - 5'000'000);
  const auto merged = merge(incast(), {{"left", &left, 0}, {"right", &right, 100}}).value();
  EXPECT_NEAR(static_cast<double>(merged.record.messages[0].received.ps - second), 0, 1e5);
  EXPECT_EQ(merged.record.messages[1].received.ps, second);
  EXPECT_EQ(merged.gaps.before_posted, 2u);
  EXPECT_NEAR(static_cast<double>(merged.gaps.most_before_posted.ps), 5e6 + 1e8, 1e5);
}

TEST(RecordMerge, WhatCameBeforeTheReceiversOwnStartIsNotLost) {
  Measurements left, right;
  add_sent(left, 0, 0, 10, 700);
  add_received(right, 0, 0, -5);
  const auto merged = merge(incast(), {{"left", &left}, {"right", &right}}).value();
  EXPECT_EQ(merged.record.messages[0].received.ps, 10);
  EXPECT_EQ(merged.gaps.not_received, 0u);
  EXPECT_EQ(merged.gaps.before_posted, 1u);
}

// What an agent's record has of its only NIC: as the players number it, the record's only port.
std::string record_of_nic(uint32_t host, uint32_t queue_pair, size_t samples) {
  record::Record r;
  schedule::add_jobs(*incast().jobs, r);
  r.duration = SimTime::microseconds(30);
  record::Port port;
  port.node = fmt::format("host{}", host);
  port.name = port.node + ":nic0";
  r.ports.push_back(port);
  r.rates.push_back({queue_pair, 0, host, 0, 0, SimTime::microseconds(10), {}, {}});
  for (size_t i = 0; i < samples; ++i) r.rates.back().rate_bps.push_back(1000 * host + i);
  r.rates.back().window_bytes.assign(samples, kNoWindow);
  return record::encode_record(r).value();
}

TEST(RecordMerge, RatesOfAllAgentsAreInOrderOfQueuePairAndEndWithTheRun) {
  Measurements left, right;
  left.set_record(record_of_nic(2, 1, 4));
  right.set_record(record_of_nic(1, 0, 2));
  const record::Record record = merge(incast(), {{"left", &left}, {"right", &right}})->record;
  ASSERT_EQ(record.rates.size(), 2u);
  for (uint32_t i = 0; i < 2; ++i) {
    EXPECT_EQ(record.rates[i].queue_pair, i);
    EXPECT_EQ(record.rates[i].src_rank, i + 1);
    EXPECT_EQ(record.ports[record.rates[i].port].node, fmt::format("host{}", i + 1));
  }
  EXPECT_THAT(record.rates[0].rate_bps, testing::ElementsAre(1000, 1001));
  EXPECT_THAT(record.rates[1].rate_bps, testing::ElementsAre(2000, 2001, 2002));
  EXPECT_EQ(record.rates[1].window_bytes.size(), 3u);
}

TEST(RecordMerge, WhatContradictsThePlanNamesThePlayer) {
  Measurements channel, operation, record;
  add_received(channel, 7, 0, 500);
  EXPECT_THAT(merge(incast(), {{"left", &channel}}).error(),
              HasSubstr("what 'left' measured does not fit its plan: a message on channel 7 of job 0"));
  add_sent(operation, 0, 0, 1, 2).set_operation(99);
  EXPECT_THAT(merge(incast(), {{"left", &operation}}).error(), HasSubstr("operation 99 of job 0"));
  record.set_record("no record at all");
  EXPECT_THAT(merge(incast(), {{"left", &record}}).error(), HasSubstr("what 'left' measured"));
}

}  // namespace
}  // namespace railyard::lab
