// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/collective/pairwise.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>

#include "tests/unit/collective/simulated_group.h"

namespace railyard::collective {
namespace {

// Every member's buffer holds its own number and the destination of each block.
std::vector<std::vector<int64_t>> blocks(uint32_t size, const std::vector<uint64_t>& splits) {
  std::vector<std::vector<int64_t>> buffers(size);
  for (uint32_t source = 0; source < size; ++source) {
    for (uint32_t destination = 0; destination < size; ++destination) {
      buffers[source].insert(buffers[source].end(), splits[source * size + destination],
                             source * 1000 + destination);
    }
  }
  return buffers;
}

// Hosts, rounds at once and chunks, as they may be.
void draw_shape(Call& call) {
  call.per_host = *rc::gen::element<uint32_t>(1, 2, 4);
  call.size = call.per_host * *rc::gen::inRange<uint32_t>(1, 7);
  call.rounds = *rc::gen::inRange<uint32_t>(1, 10);
  call.options.p2p_chunk_bytes = *rc::gen::element<uint64_t>(0, 1, 4, 16);
}

void expect_exchange(const Call& call, const std::vector<uint64_t>& splits) {
  SimulatedGroup group(pairwise_all_to_all(), call, blocks(call.size, splits));
  RC_ASSERT(group.run(*rc::gen::arbitrary<uint64_t>()));
  RC_ASSERT(group.sizes_agree());
  RC_ASSERT(group.in_order());
  RC_ASSERT(group.received_as_counted());
  RC_ASSERT(group.only_sent_to_peers());
  RC_ASSERT(group.messages_left() == 0U);
  for (uint32_t source = 0; source < call.size; ++source) {
    uint64_t others = 0;
    for (uint32_t destination = 0; destination < call.size; ++destination) {
      if (source == destination) continue;
      const uint64_t bytes = splits[source * call.size + destination];
      others += bytes;
      RC_ASSERT(group.received(destination, source) ==
                std::vector<int64_t>(bytes, source * 1000 + destination));
    }
    RC_ASSERT(group.bytes_sent(source) == others);
  }
}

TEST(Pairwise, EvenSplitsBringEachBlockToItsMember) {
  EXPECT_TRUE(rc::check([] {
    Call call;
    draw_shape(call);
    call.bytes = *rc::gen::inRange<uint64_t>(0, 200);
    std::vector<uint64_t> splits;
    for (uint32_t i = 0; i < call.size * call.size; ++i) {
      splits.push_back(part_of(call.bytes, call.size, i % call.size).bytes);
    }
    expect_exchange(call, splits);
  }));
}

TEST(Pairwise, UnevenSplitsBringEachBlockToItsMemberAndEmptyOnesSendNothing) {
  EXPECT_TRUE(rc::check([] {
    Call call;
    draw_shape(call);
    const auto splits =
        *rc::gen::container<std::vector<uint64_t>>(call.size * call.size, rc::gen::inRange<uint64_t>(0, 200));
    call.splits = splits.data();
    call.largest_split = *std::max_element(splits.begin(), splits.end());
    expect_exchange(call, splits);
  }));
}

// Rounds of five: distances 0, 1, 3, 2, 4 of the eight that hold them (0, 1, 3, 6, 2, 7, 5, 4).
TEST(Pairwise, EachStrandHasItsRoundsOfNcclsScheduleInChunks) {
  Call call;
  call.size = 5;
  call.me = 3;
  call.bytes = 5 * (300 << 10);
  call.rounds = 2;
  call.strand = 1;  // rounds 1 and 3
  const Algorithm pairwise = pairwise_all_to_all();
  ASSERT_EQ(pairwise.step_count(call), 10U) << "two of five chunks of 64 KiB";
  const Step first = pairwise.step(call, 0), second_round = pairwise.step(call, 5);
  EXPECT_EQ(first.send.peer, 4U);
  EXPECT_EQ(first.receive.peer, 2U);
  EXPECT_EQ(first.send.bytes, 64U << 10);
  EXPECT_EQ(first.send.left, 4U);
  EXPECT_EQ(pairwise.step(call, 4).send.bytes, 44U << 10);
  EXPECT_EQ(pairwise.step(call, 4).send.left, 0U);
  EXPECT_EQ(second_round.send.peer, 0U);
  EXPECT_EQ(second_round.receive.peer, 1U);
  EXPECT_EQ(first.send_needs, kNoStep);
  EXPECT_EQ(second_round.send_needs, 4U) << "when all of the first is there";
  EXPECT_EQ(pairwise.window(call), 2U);
  EXPECT_THAT(pairwise.peers(call), testing::ElementsAre(0, 4));
  call.options.p2p_chunk_bytes = 0;
  EXPECT_EQ(pairwise.step_count(call), 2U) << "whole";
}

}  // namespace
}  // namespace railyard::collective
