// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/schedule/run_log.h"

#include <gtest/gtest.h>

#include "tests/unit/schedule/trace_builder.h"

namespace railyard::schedule {
namespace {

// Ranks 0 and 1 on one host, 2 on another; sends from 0 to each.
PlayedJobs played(BitRate scale_up) {
  TraceBuilder builder(3);
  for (const uint32_t to : {1U, 2U}) {
    builder.send(0, to, 4'096);
    builder.receive(to, 0, 4'096);
  }
  JobInput job;
  job.name = "job";
  job.source = trace::HeldTrace::of(builder.trace()).value();
  job.placement = {{0, 0}, {0, 1}, {1, 0}};
  HostShape hosts;
  hosts.host_count = 2;
  hosts.gpus_per_host = hosts.nics_per_host = 2;
  hosts.scale_up_rate = scale_up;
  return compile_jobs({job}, hosts).value();
}

uint32_t channel_to(const Schedule& schedule, uint32_t rank) {
  for (uint32_t number = 0; number < schedule.channel_count(); ++number)
    if (schedule.channel(number).dst_rank == rank) return number;
  return kNone;
}

ChannelLog log_of(const PlayedJobs& jobs, const JobLog& log, uint32_t of) {
  ChannelLog found;
  for_each_channel(*jobs.jobs.front().schedule, log, [&](uint32_t channel, const ChannelLog& each) {
    if (channel == of) found = each;
  });
  return found;
}

TEST(RunLog, SumsWithinAHostByOperationAndIteration) {
  const PlayedJobs jobs = played(BitRate::gigabits(3'600));
  const Schedule& schedule = *jobs.jobs.front().schedule;
  JobLog log = empty_logs(jobs).front();
  const uint32_t channel = channel_to(schedule, 1);
  const auto sent = [&](uint64_t bytes, uint32_t iteration, int64_t ns) {
    log_sent(schedule, log, channel, 0, {bytes, 0, iteration, SimTime::nanoseconds(ns)});
  };
  const auto received = [&](int64_t ns) {
    log_received(schedule, log, channel, 1, SimTime::nanoseconds(ns));
    log_acked(schedule, log, channel, 0, SimTime::nanoseconds(ns));
  };
  sent(100, 0, 1);
  received(4);
  sent(20, 0, 5);
  sent(3, 1, 6);
  sent(4, 1, 7);
  received(8);
  received(9);
  const ChannelLog seen = log_of(jobs, log, channel);
  ASSERT_EQ(seen.sent.size(), 2u);
  EXPECT_EQ(seen.sent[0].bytes, 120u);
  EXPECT_EQ(seen.sent[0].posted, SimTime::nanoseconds(1));
  EXPECT_EQ(seen.sent[1].bytes, 7u);
  EXPECT_EQ(seen.sent[1].iteration, 1u);
  EXPECT_EQ(seen.others, (std::vector<uint32_t>{1, 1}));
  const std::vector<SimTime> there{SimTime::nanoseconds(8), SimTime::never()};
  EXPECT_EQ(seen.received, there) << "one of the second two is on its way";
  EXPECT_EQ(seen.acked, there);
}

TEST(RunLog, KeepsEveryMessageBetweenHosts) {
  for (const BitRate scale_up : {BitRate::gigabits(3'600), BitRate{}}) {
    const PlayedJobs jobs = played(scale_up);
    const Schedule& schedule = *jobs.jobs.front().schedule;
    for (const uint32_t to : {1U, 2U}) {
      JobLog log = empty_logs(jobs).front();
      const uint32_t channel = channel_to(schedule, to);
      for (int i = 0; i < 3; ++i) log_sent(schedule, log, channel, 0, {5, 0, 0, {}});
      const bool summed = to == 1 && jobs.hosts.has_scale_up();
      EXPECT_EQ(log_of(jobs, log, channel).sent.size(), summed ? 1u : 3u);
    }
  }
}

}  // namespace
}  // namespace railyard::schedule
