// SPDX-License-Identifier: BSD-3-Clause
// Collectives over several lanes and queue pairs, and what they cost their hosts.
#include <gtest/gtest.h>

#include <map>
#include <numeric>

#include "tests/unit/schedule/ideal_network.h"
#include "tests/unit/schedule/reducing_fabric.h"
#include "tests/unit/schedule/trace_builder.h"
#include "traffic/pattern/schedule/compiler.h"

namespace railyard::schedule {
namespace {

constexpr SimTime kLatency = SimTime::nanoseconds(1'700);
constexpr int64_t kPsPerByte = 20;  // 400 Gb/s

// Ranks on hosts of two GPUs and two NICs each.
class LaneRunner : public testing::Test {
 protected:
  explicit LaneRunner(uint32_t ranks = 8) : builder(ranks) {
    options.hosts.host_count = ranks / 2;
    options.hosts.gpus_per_host = options.hosts.nics_per_host = 2;
    options.hosts.scale_up_rate = BitRate::gigabits(3'600);
    for (uint32_t rank = 0; rank < ranks; ++rank) placement.push_back({rank / 2, rank % 2});
    options.placement = &placement;
  }

  Schedule compiled() {
    auto schedule = compile(builder.trace(), options);
    EXPECT_TRUE(schedule) << schedule.error();
    return std::move(*schedule);
  }

  bool between_hosts(const Channel& c) const {
    return placement[c.src_rank].host != placement[c.dst_rank].host;
  }

  TraceBuilder builder;
  std::vector<RankLocation> placement;
  CompileOptions options;
};

TEST_F(LaneRunner, EachRingCarriesItsPartOverItsOwnNic) {
  builder.collective_of_all(trace::ALL_REDUCE, 8 << 20);
  const Schedule schedule = compiled();
  IdealNetwork network(schedule, 2, kLatency, kPsPerByte);
  ASSERT_TRUE(network.run());
  std::map<uint32_t, uint64_t> by_nic;
  for (const IdealNetwork::Post& post : network.posts) {
    const Channel channel = schedule.channel(post.channel);
    if (!between_hosts(channel)) continue;
    EXPECT_EQ(channel.src_nic, channel.dst_nic);
    by_nic[channel.src_nic] += post.bytes;
  }
  // Four hosts send 2 (n-1)/n of half the buffer by each NIC, twice.
  const uint64_t expected = uint64_t{2} * 4 * 2 * 7 * (8 << 20) / 8 / 2;
  EXPECT_EQ(by_nic, (std::map<uint32_t, uint64_t>{{0, expected}, {1, expected}}));
  for (uint32_t rank = 0; rank < 8; ++rank)
    EXPECT_EQ(network.bytes_sent(rank), uint64_t{2} * 2 * 7 * (8 << 20) / 8);
}

TEST_F(LaneRunner, EveryKindEndsWithSeveralRingsAndQueuePairs) {
  options.collectives.channels_per_nic = 3;
  options.collectives.queue_pairs = 4;
  for (const bool split : {false, true})
    for (const uint64_t bytes : {0u, 1u, 5u, 4'000u, 9'000'001u}) {
      builder = TraceBuilder(8);
      for (int kind = trace::ALL_REDUCE; kind <= trace::BARRIER; ++kind)
        builder.collective_of_all(static_cast<trace::CollectiveKind>(kind), bytes);
      options.collectives.split_data = split;
      const Schedule schedule = compiled();
      IdealNetwork network(schedule, 3, kLatency, kPsPerByte);
      for (uint32_t r = 0; r < 8; ++r) network.delay_start(r, SimTime::microseconds((r * 37) % 100));
      EXPECT_TRUE(network.run()) << bytes << " B, split " << split;
      EXPECT_EQ(network.spans.size(), 8u * 9 * 3);
    }
}

TEST_F(LaneRunner, EveryAlgorithmEndsOnEveryRank) {
  options.hosts.reducing_switches = std::make_shared<const ReducingSwitches>(reducing_leaf_spine(1, 0, 8));
  for (const collective::Algorithm& algorithm : collective::algorithms())
    for (const uint64_t bytes : {0u, 1u, 5u, 4'000u, 9'000'001u}) {
      builder = TraceBuilder(8);
      builder.collective_of_all(static_cast<trace::CollectiveKind>(static_cast<int>(algorithm.kind) + 1),
                                bytes);
      ASSERT_TRUE(choose_algorithm(options.collectives, algorithm.kind, algorithm.name));
      const Schedule schedule = compiled();
      EXPECT_EQ(schedule.operations[0].algorithm->name, algorithm.name);
      IdealNetwork network(schedule, 2, kLatency, kPsPerByte);
      EXPECT_TRUE(network.run()) << name_of(algorithm.kind) << ' ' << algorithm.name << ' ' << bytes << " B";
      EXPECT_EQ(network.spans.size(), 8u * 2);
    }
}

// Whatever the group's order: ranks of the same place in their hosts meet over the NIC of that place.
TEST_F(LaneRunner, HierarchicalCollectivesStayOnTheirRails) {
  placement = {{3, 1}, {0, 0}, {2, 1}, {1, 0}, {0, 1}, {3, 0}, {1, 1}, {2, 0}};
  options.collectives.pxn = false;
  for (const auto kind : {collective::Kind::AllReduce, collective::Kind::AllToAll}) {
    ASSERT_TRUE(choose_algorithm(options.collectives, kind, "hierarchical"));
    builder = TraceBuilder(8);
    builder.collective_of_all(static_cast<trace::CollectiveKind>(static_cast<int>(kind) + 1), 8 << 20);
    const Schedule schedule = compiled();
    IdealNetwork network(schedule, 1, kLatency, kPsPerByte);
    ASSERT_TRUE(network.run());
    std::map<uint32_t, uint64_t> by_rank;
    for (const IdealNetwork::Post& post : network.posts) {
      const Channel channel = schedule.channel(post.channel);
      if (!between_hosts(channel)) continue;
      EXPECT_EQ(placement[channel.src_rank].gpu, placement[channel.dst_rank].gpu);
      EXPECT_EQ(channel.src_nic, placement[channel.src_rank].gpu);
      EXPECT_EQ(channel.dst_nic, channel.src_nic);
      by_rank[channel.src_rank] += post.bytes;
    }
    // All-reduce: 2 (N-1)/N of S/g over N = 4 hosts of g = 2; all-to-all: for 3 hosts, S/4 each.
    for (uint32_t rank = 0; rank < 8; ++rank) EXPECT_EQ(by_rank[rank], uint64_t{6} << 20);
  }
}

TEST_F(LaneRunner, QueuePairsTakeTurnsOrShareEveryMessage) {
  options.collectives.queue_pairs = 4;
  for (const bool split : {false, true}) {
    builder = TraceBuilder(8);
    builder.collective_of_all(trace::ALL_GATHER, 64 << 20);
    options.collectives.split_data = split;
    const Schedule schedule = compiled();
    IdealNetwork network(schedule, 1, kLatency, kPsPerByte);
    ASSERT_TRUE(network.run());
    std::map<uint32_t, std::vector<uint64_t>> by_channel;
    for (const IdealNetwork::Post& post : network.posts)
      if (between_hosts(schedule.channel(post.channel))) by_channel[post.channel].push_back(post.bytes);
    // Two rings over four hosts' borders, four queue pairs each.
    ASSERT_EQ(by_channel.size(), 2u * 4 * 4);
    for (const auto& [channel, sizes] : by_channel) {
      EXPECT_EQ(std::accumulate(sizes.begin(), sizes.end(), uint64_t{0}), uint64_t{64 << 20} / 8 * 7 / 2 / 4);
      EXPECT_EQ(sizes.front(), split ? 256u << 10 : 1u << 20);
    }
  }
}

TEST_F(LaneRunner, TheLowLatencyProtocolsSendMoreThanData) {
  for (const auto& [protocol, factor] :
       {std::pair{ProtocolChoice::LL, 2.0}, {ProtocolChoice::LL128, 128.0 / 120}}) {
    builder = TraceBuilder(8);
    builder.collective_of_all(trace::ALL_REDUCE, 9'600'000);
    options.collectives.protocol = protocol;
    const Schedule schedule = compiled();
    IdealNetwork network(schedule, 1, kLatency, kPsPerByte);
    ASSERT_TRUE(network.run());
    EXPECT_NEAR(static_cast<double>(network.bytes_sent(3)), factor * 2 * 7 * 9'600'000 / 8, 20'000);
  }
}

TEST_F(LaneRunner, ACollectiveIsLaunchedBeforeItSends) {
  builder.collective_of_all(trace::ALL_REDUCE, 1'000);
  options.collectives.launch_latency = SimTime::microseconds(6);
  const Schedule schedule = compiled();
  IdealNetwork network(schedule, 1, kLatency, kPsPerByte);
  ASSERT_TRUE(network.run());
  for (const IdealNetwork::Post& post : network.posts) EXPECT_GE(post.at, SimTime::microseconds(6));
  for (const IdealNetwork::Span& span : network.spans) EXPECT_EQ(span.start, SimTime{});
}

TEST_F(LaneRunner, PairsHaveConnectionsOfTheirOwn) {
  builder.collective_of_all(trace::ALL_REDUCE, 1'000);
  builder.collective_of_all(trace::ALL_TO_ALL, 8'000);
  const Schedule schedule = compiled();
  uint32_t to_rail_of_receiver = 0;
  for (uint32_t c = 0; c < schedule.channel_count(); ++c) {
    const Channel channel = schedule.channel(c);
    const Strand& strand =
        schedule.strands[schedule.ranks[channel.src_rank].first_strand + channel.src_strand];
    if (strand.lane != 2 || !between_hosts(channel)) continue;
    ++to_rail_of_receiver;
    EXPECT_EQ(channel.src_nic, placement[channel.dst_rank].gpu);
    EXPECT_EQ(channel.dst_nic, placement[channel.dst_rank].gpu);
  }
  EXPECT_EQ(to_rail_of_receiver, 8u * 6);
}

}  // namespace
}  // namespace railyard::schedule
