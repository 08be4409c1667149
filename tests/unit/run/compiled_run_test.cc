// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/run/compiled_run.h"

#include <gmock/gmock.h>

#include "traffic/fabric/fabric_builder.h"
#include "traffic/pattern/workload/single_collective.h"
#include "traffic/run/ideal_times.h"

namespace railyard {
namespace {

using testing::HasSubstr;

// Two hosts of two GPUs and two NICs; ranks 0 and 1 on the first.
RunInput ring() {
  RunInput input;
  input.fabric.kind = FabricKind::SingleSwitch;
  input.fabric.hosts_per_leaf = 2;
  input.fabric.nics_per_host = input.fabric.gpus_per_host = 2;
  SingleCollectiveSettings settings;
  settings.ranks = 4;
  JobInput job;
  job.name = "ring";
  job.source = trace::HeldTrace::of(make_single_collective(settings).value()).value();
  job.schedule = std::make_shared<schedule::Schedule>(schedule::compile(*job.source).value());
  job.placement = {{0, 0}, {0, 1}, {1, 0}, {1, 1}};
  input.jobs.push_back(job);
  input.plan = std::make_shared<FabricPlan>(build_fabric(input.fabric).value());
  return input;
}

std::string error_of(const RunInput& input) {
  const auto run = compile_run(input);
  return run ? "no error" : run.error();
}

TEST(CompiledRun, NumbersFlowsBetweenHostsOnly) {
  const CompiledRun run = compile_run(ring()).value();
  const schedule::PlayedJob& job = run.jobs->jobs[0];
  for (uint32_t c = 0; c < job.schedule->channel_count(); ++c) {
    const schedule::Channel channel = job.schedule->channel(c);
    const bool within = channel.src_rank / 2 == channel.dst_rank / 2;
    ASSERT_EQ(run.jobs->flow_of(0, c) == schedule::kNone, within);
    EXPECT_EQ(IdealTimes(run).of(0, c, Bytes{1000}) == SimTime{}, within);
    if (within) continue;
    const schedule::Flow flow = run.jobs->flow(run.jobs->flow_of(0, c));
    EXPECT_EQ(flow.channel, c);
    EXPECT_EQ(flow.source, channel.src_rank);
    EXPECT_EQ(flow.destination, channel.dst_rank);
  }
  EXPECT_EQ(run.jobs->flow_count(), 2u);
}

TEST(CompiledRun, WithoutScaleUpLinksEveryChannelIsAFlow) {
  RunInput input = ring();
  input.fabric.scale_up_rate = {};
  EXPECT_EQ(compile_run(input)->jobs->flow_count(), 4u);
  input.fabric.nics_per_host = 1;
  input.plan = nullptr;
  EXPECT_THAT(error_of(input), HasSubstr("ranks 0 and 1 share a NIC"));
}

TEST(CompiledRun, SharesWithTheOneBeforeWhatIsTheSame) {
  RunInput input = ring();
  const CompiledRun first = compile_run(input).value();
  EXPECT_EQ(first.fabric, input.plan);
  EXPECT_EQ(first.jobs->jobs[0].schedule, input.jobs[0].schedule);
  input.seed = 2;
  input.nic.mtu = 1024;
  EXPECT_EQ(compile_run(input, &first)->jobs, first.jobs);

  const auto differs = [&](auto change) {
    RunInput other = ring();
    other.jobs[0].schedule = first.input.jobs[0].schedule;
    EXPECT_EQ(compile_run(other, &first)->jobs, first.jobs);
    change(other);
    return compile_run(other, &first)->jobs != first.jobs;
  };
  EXPECT_TRUE(differs([](RunInput& i) { std::swap(i.jobs[0].placement[0], i.jobs[0].placement[3]); }));
  EXPECT_TRUE(differs([](RunInput& i) { i.jobs[0].iterations = 2; }));
  EXPECT_TRUE(differs([](RunInput& i) { i.jobs[0].start = SimTime::nanoseconds(1); }));
  EXPECT_TRUE(differs([](RunInput& i) { i.jobs[0].name = "other"; }));
  EXPECT_TRUE(differs([](RunInput& i) { i.jobs[0].schedule = ring().jobs[0].schedule; }));
  EXPECT_TRUE(differs([](RunInput& i) { i.fabric.scale_up_rate = {}; }));
  EXPECT_TRUE(differs([](RunInput& i) { i.fabric.scale_up_latency = {}; }));
  EXPECT_TRUE(differs([](RunInput& i) { i.jobs.push_back(i.jobs[0]); }));
}

TEST(CompiledRun, RefusesWhatCannotBePlayed) {
  RunInput input = ring();
  input.jobs[0].background = true;
  EXPECT_THAT(error_of(input), HasSubstr("at least one job must not be background"));
  input = ring();
  input.jobs[0].placement[2].gpu = 2;
  EXPECT_EQ(error_of(input),
            "job 'ring': rank 2 is placed on host 1 GPU 2; the fabric has hosts 0..1 of 2 GPUs");
  input = ring();
  input.jobs[0].placement.pop_back();
  EXPECT_EQ(error_of(input), "job 'ring' has 4 ranks, but 3 of them are placed");
  input = ring();
  input.plan = nullptr;
  input.fabric.hosts_per_leaf = 0;
  EXPECT_THAT(error_of(input), HasSubstr("hosts_per_leaf"));
}

}  // namespace
}  // namespace railyard
