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

void expect_exchange(const Call& call, const std::vector<uint64_t>& splits) {
  SimulatedGroup group(pairwise_all_to_all(), call, blocks(call.size, splits));
  RC_ASSERT(group.run(*rc::gen::arbitrary<uint64_t>()));
  RC_ASSERT(group.sizes_agree());
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
    call.size = *rc::gen::inRange<uint32_t>(1, 16);
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
    call.size = *rc::gen::inRange<uint32_t>(1, 16);
    const auto splits =
        *rc::gen::container<std::vector<uint64_t>>(call.size * call.size, rc::gen::inRange<uint64_t>(0, 5));
    call.splits = splits.data();
    expect_exchange(call, splits);
  }));
}

TEST(Pairwise, RoundISendsToMePlusIAndReceivesFromMeMinusI) {
  Call call;
  call.size = 5;
  call.me = 3;
  call.bytes = 50;
  const Algorithm pairwise = pairwise_all_to_all();
  ASSERT_EQ(pairwise.step_count(call), 4U);
  EXPECT_EQ(pairwise.step(call, 0).send.peer, 4U);
  EXPECT_EQ(pairwise.step(call, 0).receive.peer, 2U);
  EXPECT_EQ(pairwise.step(call, 3).send.peer, 2U);
  EXPECT_EQ(pairwise.step(call, 3).receive.peer, 4U);
  EXPECT_EQ(pairwise.step(call, 3).send_needs, kNoStep);
  EXPECT_EQ(pairwise.window(call), 8U);
  EXPECT_THAT(pairwise.peers(call), testing::ElementsAre(0, 1, 2, 4));
}

}  // namespace
}  // namespace railyard::collective
