// SPDX-License-Identifier: BSD-3-Clause
// How messages between two ranks are cut and limited, and what waits for the receiver's grant.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "tests/unit/schedule/ideal_network.h"
#include "tests/unit/schedule/trace_builder.h"
#include "traffic/pattern/schedule/compiler.h"

namespace railyard::schedule {
namespace {

constexpr SimTime kLatency = SimTime::microseconds(100);  // nothing limits a window but itself
constexpr int64_t kPsPerByte = 20;
constexpr uint64_t kKi = 1 << 10;

Schedule compiled(TraceBuilder& builder, ClearToSend clear_to_send = ClearToSend::None,
                  uint32_t queue_pairs = 1) {
  CompileOptions options;
  options.collectives.clear_to_send = clear_to_send;
  options.collectives.queue_pairs = queue_pairs;
  auto schedule = compile(builder.trace(), options);
  EXPECT_TRUE(schedule) << schedule.error();
  return std::move(*schedule);
}

TEST(Messages, AnAllToAllHasNoMoreUnderWayThanNcclsStepsAllow) {
  for (const ClearToSend granted : {ClearToSend::None, ClearToSend::Nccl}) {
    TraceBuilder builder(32);
    builder.collective_of_all(trace::ALL_TO_ALL, 32 * 1024 * kKi);
    const Schedule schedule = compiled(builder, granted);
    IdealNetwork network(schedule, 1, kLatency, kPsPerByte);
    ASSERT_TRUE(network.run());
    // Eight rounds, which share the 16 slots of 128 KiB of a channel.
    EXPECT_EQ(network.max_bytes_in_flight(5), 16 * 128 * kKi);
    EXPECT_EQ(network.max_in_flight_on_a_channel(), 2U);
    EXPECT_EQ(network.bytes_sent(5), 31 * 1024 * kKi);
  }
}

TEST(Messages, ASendIsCutInChunksOfWhichEightAreUnderWay) {
  TraceBuilder builder(2);
  builder.send(0, 1, 2'048 * kKi + 1);
  builder.receive(1, 0, 2'048 * kKi + 1);
  const Schedule schedule = compiled(builder);
  IdealNetwork network(schedule, 1, kLatency, kPsPerByte);
  ASSERT_TRUE(network.run());
  EXPECT_EQ(network.posts.size(), 17U);
  EXPECT_EQ(network.posts.back().bytes, 1U);
  EXPECT_EQ(network.max_in_flight(0), 8U);
  EXPECT_EQ(network.bytes_sent(0), 2'048 * kKi + 1);
}

TEST(Messages, OfAPlainTraceAreWholeUnlessAllAreGranted) {
  TraceBuilder builder(2);
  builder.trace().mutable_header()->set_plain_messages(true);
  for (int i = 0; i < 20; ++i) {
    builder.send(0, 1, 256 * kKi);
    builder.receive(1, 0, 256 * kKi);
  }
  for (const auto& [granted, posts, in_flight] : {std::tuple{ClearToSend::None, 20U, 20U},
                                                  {ClearToSend::Nccl, 20U, 20U},
                                                  {ClearToSend::All, 160U, 8U}}) {
    const Schedule schedule = compiled(builder, granted);
    IdealNetwork network(schedule, 1, kLatency, kPsPerByte);
    ASSERT_TRUE(network.run());
    EXPECT_EQ(network.posts.size(), posts);  // with grants, where there are any
    EXPECT_EQ(network.max_in_flight(0), in_flight);
  }
}

TEST(Messages, TwoRanksThatBothSendFirstDoNotWaitForEachOther) {
  TraceBuilder builder(2);
  for (const uint32_t rank : {0U, 1U}) {
    builder.send(rank, 1 - rank, 64 << 20);
    builder.receive(rank, 1 - rank, 64 << 20, {1});
  }
  const Schedule schedule = compiled(builder, ClearToSend::Nccl);
  IdealNetwork network(schedule, 3, kLatency, kPsPerByte);
  EXPECT_TRUE(network.run());
}

// As recvProxyProgress: min(NCCL_STEPS, NCCL_SHARED_STEPS / senders), and one at least.
TEST(ClearToSend, SendersToOneRankShareItsSlots) {
  for (const auto& [senders, each] : {std::pair{1U, 8U}, {2U, 8U}, {4U, 4U}, {16U, 1U}, {40U, 1U}}) {
    TraceBuilder builder(senders + 1);
    for (uint32_t rank = 1; rank <= senders; ++rank) {
      builder.send(rank, 0, 4 << 20);
      builder.receive(0, rank, 4 << 20);
    }
    const Schedule schedule = compiled(builder, ClearToSend::Nccl);
    IdealNetwork network(schedule, 1, kLatency, kPsPerByte);
    ASSERT_TRUE(network.run());
    for (uint32_t rank = 1; rank <= senders; ++rank) EXPECT_EQ(network.max_in_flight(rank), each);
  }
}

// Messages of a kind by connection, from source to destination.
std::map<std::pair<uint32_t, uint32_t>, uint64_t> counted(const Schedule& schedule,
                                                          const IdealNetwork& network, bool grants) {
  std::map<std::pair<uint32_t, uint32_t>, uint64_t> messages;
  for (const IdealNetwork::Post& post : network.posts) {
    const Channel channel = schedule.channel(post.channel);
    if (post.grants != grants) continue;
    ++messages[grants ? std::pair{channel.dst_rank, channel.src_rank}
                      : std::pair{channel.src_rank, channel.dst_rank}];
  }
  return messages;
}

TEST(ClearToSend, EveryMessageIsGrantedOnceAndInTime) {
  for (int kind = trace::ALL_REDUCE; kind <= trace::ALL_TO_ALL; ++kind)
    for (const uint32_t queue_pairs : {1U, 3U})
      for (const uint64_t bytes : {uint64_t{7}, uint64_t{5'000}, uint64_t{30} << 20}) {
        TraceBuilder builder(7);
        for (int i = 0; i < 2; ++i)
          builder.collective_of_all(static_cast<trace::CollectiveKind>(kind), bytes);
        const Schedule schedule = compiled(builder, ClearToSend::Nccl, queue_pairs);
        IdealNetwork network(schedule, 2, kLatency, kPsPerByte);
        network.delay_start(3, SimTime::milliseconds(2));
        ASSERT_TRUE(network.run()) << kind;
        EXPECT_EQ(counted(schedule, network, true), counted(schedule, network, false)) << kind;
        std::map<std::pair<uint32_t, uint32_t>, int64_t> open;
        for (const IdealNetwork::Post& post : network.posts) {
          const Channel channel = schedule.channel(post.channel);
          if (post.grants)
            ++open[{channel.dst_rank, channel.src_rank}];
          else
            ASSERT_GE(--open[std::pair(channel.src_rank, channel.dst_rank)], 0) << "before its grant";
        }
      }
}

TEST(ClearToSend, NobodySendsToARankThatHasNotReachedTheCollective) {
  constexpr SimTime kLate = SimTime::milliseconds(50);
  for (const ClearToSend granted : {ClearToSend::None, ClearToSend::Nccl}) {
    TraceBuilder builder(4);
    builder.collective_of_all(trace::ALL_GATHER, 4'000);
    const Schedule schedule = compiled(builder, granted);
    IdealNetwork network(schedule, 1, kLatency, kPsPerByte);
    network.delay_start(2, kLate);
    ASSERT_TRUE(network.run());
    SimTime first = SimTime::never();
    for (const IdealNetwork::Post& post : network.posts)
      if (!post.grants && schedule.channel(post.channel).dst_rank == 2) first = std::min(first, post.at);
    EXPECT_EQ(first, granted == ClearToSend::None ? SimTime{} : kLate + kLatency + SimTime{64 * kPsPerByte});
  }
}

// So that the two ends of a queue pair may go.
TEST(ClearToSend, TheLastMessageOfEachChannelSaysSo) {
  for (const uint32_t queue_pairs : {1U, 3U}) {
    TraceBuilder builder(9);
    builder.collective_of_all(trace::ALL_TO_ALL, 9 * 700 * kKi);
    const Schedule schedule = compiled(builder, ClearToSend::Nccl, queue_pairs);
    IdealNetwork network(schedule, 1, kLatency, kPsPerByte);
    ASSERT_TRUE(network.run());
    std::map<uint32_t, bool> ended;
    for (const IdealNetwork::Post& post : network.posts) {
      ASSERT_FALSE(ended[post.channel]) << "after its last";
      ended[post.channel] = post.is_last;
    }
    EXPECT_EQ(ended.size(), schedule.channel_count());
    for (const auto& [channel, is] : ended) EXPECT_TRUE(is) << channel;
  }
}

}  // namespace
}  // namespace railyard::schedule
