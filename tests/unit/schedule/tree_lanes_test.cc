// SPDX-License-Identifier: BSD-3-Clause
// In-network reduction in a schedule: its lanes, the switches' programs, and what goes by which link.
#include "traffic/pattern/schedule/tree_lanes.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <map>

#include "tests/unit/schedule/ideal_network.h"
#include "tests/unit/schedule/reducing_fabric.h"
#include "tests/unit/schedule/trace_builder.h"
#include "traffic/pattern/schedule/compiler.h"
#include "traffic/pattern/schedule/played_jobs.h"

namespace railyard::schedule {
namespace {

using testing::HasSubstr;

constexpr SimTime kLatency = SimTime::nanoseconds(1'700);
constexpr int64_t kPsPerByte = 20;  // 400 Gb/s

// Ranks on hosts of `per_host` GPUs and NICs, two hosts a leaf.
class TreeLanes : public testing::Test {
 protected:
  void set_up(uint32_t hosts, uint32_t per_host, bool switches, bool scale_up) {
    const uint32_t ranks = hosts * per_host;
    builder = TraceBuilder(ranks);
    placement.clear();
    for (uint32_t rank = 0; rank < ranks; ++rank) placement.push_back({rank / per_host, rank % per_host});
    options.placement = &placement;
    options.hosts.host_count = hosts;
    options.hosts.gpus_per_host = options.hosts.nics_per_host = per_host;
    options.hosts.scale_up_rate = BitRate::gigabits(3'600);
    options.hosts.scale_up_reduces = scale_up;
    options.hosts.reducing_switches = nullptr;
    if (switches)
      options.hosts.reducing_switches =
          std::make_shared<const ReducingSwitches>(reducing_leaf_spine((hosts + 1) / 2, 2, 2 * per_host));
    EXPECT_TRUE(choose_algorithm(options.collectives, collective::Kind::AllReduce, "in-network"));
  }

  Schedule compiled() {
    auto schedule = compile(builder.trace(), options);
    EXPECT_TRUE(schedule) << schedule.error();
    return std::move(*schedule);
  }
  std::string refusal() {
    const auto schedule = compile(builder.trace(), options);
    return schedule ? "" : schedule.error();
  }
  RankLocation at(const Schedule& schedule, uint32_t rank) const {
    return rank < placement.size() ? placement[rank] : schedule.reducers[rank - placement.size()];
  }

  TraceBuilder builder{1};
  std::vector<RankLocation> placement;
  CompileOptions options;
};

TEST_F(TreeLanes, EveryHostSendsEachByteOnceByItsNics) {
  set_up(4, 2, true, false);
  builder.collective_of_all(trace::ALL_REDUCE, 8 << 20);
  const Schedule schedule = compiled();
  EXPECT_EQ(schedule.rank_count(), 8u);
  EXPECT_EQ(schedule.reducers.size(), 2u * 3);  // two lanes, two leaves and a spine each
  IdealNetwork network(schedule, 2, kLatency, kPsPerByte);
  ASSERT_TRUE(network.run());
  std::map<uint32_t, uint64_t> from_station, to_station;
  for (const IdealNetwork::Post& post : network.posts) {
    const Channel channel = schedule.channel(post.channel);
    const RankLocation from = at(schedule, channel.src_rank), to = at(schedule, channel.dst_rank);
    if (from.host == to.host) continue;
    ASSERT_NE(channel.src_nic, kNone);
    from_station[from.host] += post.bytes;
    to_station[to.host] += post.bytes;
  }
  const uint64_t once = uint64_t{2} * (8 << 20);
  for (uint32_t host = 0; host < 4; ++host) {
    EXPECT_EQ(from_station[host], once);
    EXPECT_EQ(to_station[host], once);
  }
  // Leaves: from two hosts and the spine; a lane has a spine of its own.
  for (const uint32_t leaf : {4u, 5u}) EXPECT_EQ(to_station[leaf], 3 * once);
  for (const uint32_t spine : {6u, 7u}) EXPECT_EQ(to_station[spine], 2 * once / 2);
}

TEST_F(TreeLanes, WithinAHostEachGpuSpeaksForAPart) {
  set_up(1, 4, false, true);
  builder.collective_of_all(trace::ALL_REDUCE, 4 << 20);
  const Schedule schedule = compiled();
  EXPECT_EQ(schedule.reducers.size(), 4u);
  IdealNetwork network(schedule, 1, kLatency, kPsPerByte);
  ASSERT_TRUE(network.run());
  std::map<uint32_t, uint64_t> out, in;
  for (const IdealNetwork::Post& post : network.posts) {
    const Channel channel = schedule.channel(post.channel);
    EXPECT_EQ(channel.src_nic, kNone);
    out[channel.src_rank] += post.bytes;
    in[channel.dst_rank] += post.bytes;
  }
  // S + S/g each way [NVLS].
  for (uint32_t rank = 0; rank < 4; ++rank) {
    EXPECT_EQ(out[rank], uint64_t{5} << 20);
    EXPECT_EQ(in[rank], uint64_t{5} << 20);
  }
}

// 1 MiB a lane: hosts of four with a scale-up switch, four lanes, each by its own NIC and its own speaker.
TEST_F(TreeLanes, HostsAndNetworkReduceOneAfterTheOther) {
  set_up(4, 4, true, true);
  builder.collective_of_all(trace::ALL_REDUCE, 4 << 20);
  const Schedule schedule = compiled();
  EXPECT_EQ(schedule.reducers.size(), 4u * (3 + 4));
  IdealNetwork network(schedule, 2, kLatency, kPsPerByte);
  ASSERT_TRUE(network.run());
  std::map<uint32_t, uint64_t> by_nic, scale_up;
  for (const IdealNetwork::Post& post : network.posts) {
    const Channel channel = schedule.channel(post.channel);
    if (channel.src_rank >= 16) continue;
    if (at(schedule, channel.src_rank).host == at(schedule, channel.dst_rank).host) {
      scale_up[channel.src_rank] += post.bytes;
    } else {
      EXPECT_EQ(channel.src_nic, placement[channel.src_rank].gpu);
      by_nic[channel.src_rank] += post.bytes;
    }
  }
  for (uint32_t rank = 0; rank < 16; ++rank) {
    EXPECT_EQ(by_nic[rank], uint64_t{2} << 20);
    EXPECT_EQ(scale_up[rank], uint64_t{2} * 5 << 20);
  }
}

TEST_F(TreeLanes, EveryShapeEndsAmongOtherCollectivesAndLateRanks) {
  for (const auto& [hosts, per_host] : {std::pair{1u, 1u}, {1u, 4u}, {2u, 1u}, {3u, 2u}, {5u, 4u}})
    for (const bool scale_up : {false, true})
      for (const uint64_t bytes : {0u, 1u, 100'000u, 3'000'001u}) {
        set_up(hosts, per_host, true, scale_up);
        options.collectives.channels_per_nic = 2;
        options.collectives.queue_pairs = 3;
        for (int kind = trace::ALL_REDUCE; kind <= trace::ALL_TO_ALL; ++kind)
          builder.collective_of_all(static_cast<trace::CollectiveKind>(kind), bytes);
        builder.collective_of_all(trace::ALL_REDUCE, bytes);
        const Schedule schedule = compiled();
        IdealNetwork network(schedule, 3, kLatency, kPsPerByte);
        for (uint32_t r = 0; r < schedule.rank_count(); ++r)
          network.delay_start(r, SimTime::microseconds((r * 37) % 100));
        EXPECT_TRUE(network.run()) << hosts << " x " << per_host << ", " << bytes << " B, " << scale_up;
        EXPECT_EQ(network.spans.size(), size_t{hosts} * per_host * 6 * 3);
      }
}

TEST_F(TreeLanes, ASwitchTakesPartInWhatGoesByTreesOnly) {
  set_up(4, 1, true, false);
  builder.collective_of_all(trace::ALL_GATHER, 1'000);
  builder.collective_of_all(trace::ALL_REDUCE, 1'000);
  const Schedule schedule = compiled();
  ASSERT_EQ(schedule.reducers.size(), 3u);
  const Program& program = schedule.program_of(4);
  ASSERT_EQ(program.task_count(), 1u);
  EXPECT_EQ(program.tasks[0].ordinal, 1u);
  EXPECT_EQ(&schedule.program_of(5), &program);
}

TEST_F(TreeLanes, WithinAHostWithoutAReducerItIsARing) {
  set_up(1, 4, true, false);
  builder.collective_of_all(trace::ALL_REDUCE, 1'000);
  const Schedule schedule = compiled();
  EXPECT_EQ(schedule.operations[0].algorithm->name, "ring");
  EXPECT_TRUE(schedule.reducers.empty());
}

TEST_F(TreeLanes, AreRefusedWhereTheSwitchesDoNotReduce) {
  set_up(4, 1, false, true);
  builder.collective_of_all(trace::ALL_REDUCE, 1'000);
  EXPECT_THAT(refusal(), HasSubstr("cannot reduce in the network"));
  EXPECT_THAT(refusal(), HasSubstr("set fabric.in_network_reduction to switches or both"));
  options.placement = nullptr;
  EXPECT_THAT(refusal(), HasSubstr("nobody says where its ranks are"));
}

TEST_F(TreeLanes, AreRefusedWhereNoSwitchLeadsToAll) {
  set_up(4, 1, true, false);
  builder.collective_of_all(trace::ALL_REDUCE, 1'000);
  options.hosts.reducing_switches = std::make_shared<const ReducingSwitches>(reducing_leaf_spine(2, 0, 2));
  EXPECT_THAT(refusal(), HasSubstr("no switch leads to all of its hosts"));
}

// Players find the reducers' endpoints and what they are to do; whoever asks for ranks does not see them.
TEST_F(TreeLanes, ReducersArePlayedAtStationsOfTheirOwn) {
  set_up(4, 2, true, true);
  builder.collective_of_all(trace::ALL_REDUCE, 1'000'000);
  JobInput job;
  job.name = "job";
  job.source = trace::HeldTrace::of(builder.trace()).value();
  job.placement = placement;
  const auto played = compile_jobs({job}, options.hosts, options);
  ASSERT_TRUE(played) << played.error();
  ASSERT_EQ(played->ranks_of.size(), 4u + 4);
  // Two ranks, and what reduces in the host for two lanes; at a leaf its part in two lanes, at a spine in
  // one.
  EXPECT_EQ(played->ranks_of[0].size(), 4u);
  EXPECT_EQ(played->ranks_of[4].size(), 2u);
  EXPECT_EQ(played->ranks_of[6].size(), 1u);
  for (uint32_t number = 0; number < played->flow_count(); ++number) {
    const Flow flow = played->flow(number);
    EXPECT_TRUE(flow.source >= 8 || flow.destination >= 8) << "between two hosts";
  }
  job.schedule = played->jobs[0].schedule;
  EXPECT_TRUE(
      same_jobs(*compile_jobs({job}, options.hosts, options), {job}, options.hosts, options.collectives));
}

}  // namespace
}  // namespace railyard::schedule
